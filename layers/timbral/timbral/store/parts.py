"""Parquet files whose bytes are a function of their rows."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from timbral.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

PART_ROWS = 50_000
_ROW_GROUP_ROWS = 25_000


def part_name(name: str, rows_count: int) -> str:
    """Name a part's file so that a listing alone tells how many rows there are."""
    return f"{name}.{rows_count}.parquet"


def part_rows_count(key: str) -> int:
    """Return how many rows a part's key says it has.

    Raises:
        StoreError: The key is not a part's.
    """
    try:
        return int(key.rsplit(".", 2)[1])
    except (IndexError, ValueError) as error:
        msg = f"object {key!r} lies among parts and is none"
        raise StoreError(msg) from error


def encode_part(rows: pa.Table) -> bytes:
    """Write rows as one Parquet file; the same rows and schema always give the same bytes."""
    buffer = io.BytesIO()
    pq.write_table(
        rows.combine_chunks(),
        buffer,
        compression="zstd",
        row_group_size=_ROW_GROUP_ROWS,
        write_statistics=True,
        store_schema=True,
    )
    return buffer.getvalue()


def read_parts(paths: Iterable[Path], schema: pa.Schema, columns: list[str] | None = None) -> pa.Table:
    """Read Parquet files into one table, in the order given.

    Args:
        paths: The files.
        schema: The table's schema, for when there are no files.
        columns: The columns to read; all if None.

    Raises:
        StoreError: A file is missing or is no Parquet file.
    """
    wanted = schema if columns is None else pa.schema([schema.field(name) for name in columns])
    tables = []
    for path in paths:
        try:
            tables.append(pq.read_table(path, columns=wanted.names, partitioning=None))
        except (OSError, pa.ArrowInvalid) as error:
            msg = f"part {path} can't be read: {error}"
            raise StoreError(msg) from error
    return pa.concat_tables(tables).cast(wanted) if tables else wanted.empty_table()


def regroup(batches: Iterable[pa.Table | pa.RecordBatch], size: int = PART_ROWS) -> Iterator[pa.Table]:
    """Cut a stream of rows into tables of exactly ``size`` rows, but for the last.

    How the stream was cut before does not show in the result.
    """
    held: list[pa.Table] = []
    held_count = 0
    for batch in batches:
        rows = pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch
        held.append(rows)
        held_count += rows.num_rows
        while held_count >= size:
            whole = pa.concat_tables(held)
            yield whole.slice(0, size)
            held = [whole.slice(size)]
            held_count = held[0].num_rows
    if held_count:
        yield pa.concat_tables(held)
