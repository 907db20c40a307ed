"""Joins and aggregations out of core: DuckDB over the parts of tables.

Source: https://duckdb.org/docs/current/configuration/pragmas
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from timbral.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

    from timbral.tables.declaration import Table


@dataclass(frozen=True)
class EngineLimits:
    """What a query may use.

    Attributes:
        memory_mb: Memory; beyond it a query spills to disk.
        threads_count: Threads.
    """

    memory_mb: int = 2_048
    threads_count: int = 2


@contextlib.contextmanager
def open_engine(scratch: Path, limits: EngineLimits) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a private in-memory database that spills into ``scratch`` and never loads extensions.

    Raises:
        StoreError: A query ran out of memory and disk.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{limits.memory_mb}MB",
        "threads": limits.threads_count,
        "temp_directory": str(scratch / "engine"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        with duckdb.connect(":memory:", config=config) as connection:
            yield connection
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        msg = f"a query over the store failed: {str(error).splitlines()[0]}"
        raise StoreError(msg) from error


def create_view(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    paths: Sequence[Path],
    *,
    name: str,
    latest: bool,
    with_removals: bool = False,
) -> None:
    """Give a table's parts a name in the database.

    Args:
        connection: The database.
        table: The declaration.
        paths: The parts' files.
        name: The view's name, an identifier of the code's own.
        latest: Whether to show only the latest row of each key, and none of a key whose latest row
            says that it is no more. Which of two rows is the latest depends on their values alone,
            never on the parts that they lie in.
        with_removals: Whether rows that say that their key is no more are shown: who makes parts of
            parts must keep them, for an older row may still arrive.
    """
    if not paths:
        connection.register(name, table.schema.empty_table())
        return
    files = ", ".join(quote(str(path)) for path in paths)
    columns = ", ".join(table.column_names)
    # Parts that were written before a column was declared show it as null: the shape brings it in.
    shape = f"{name}_shape"
    connection.register(shape, table.schema.empty_table())
    parts = f"SELECT * FROM read_parquet([{files}], hive_partitioning=false, union_by_name=true)"  # noqa: S608  quoted
    rows = f"SELECT {columns} FROM (FROM {shape} UNION ALL BY NAME {parts})"  # noqa: S608  declared names
    if latest:
        rest = [column.name for column in table.columns if column.name not in {*table.key, table.order}]
        order = ", ".join(f"{column} DESC NULLS LAST" for column in [table.order, *rest] if column)
        key = ", ".join(table.key)
        rows += f" QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {order}) = 1"
        if table.removal and not with_removals:
            rows = f"SELECT {columns} FROM ({rows}) WHERE {table.removal} IS NOT TRUE"  # noqa: S608  as above
    connection.execute(f"CREATE VIEW {name} AS {rows}")


def quote(text: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def stream(
    connection: duckdb.DuckDBPyConnection, query: str, rows_per_batch: int = 50_000
) -> pa.RecordBatchReader:
    """Run a query and return its rows as a stream of Arrow batches."""
    return connection.sql(query).to_arrow_reader(rows_per_batch)
