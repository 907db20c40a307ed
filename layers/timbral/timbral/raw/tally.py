"""Counts of a whole file, summed out of core."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from timbral.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timbral.raw.chunk import Chunk
    from timbral.tables.declaration import Table

_MEMORY = "256MB"


class Tally:
    """Sums the rows of one table over a file; they wait on disk, in a folder that goes away.

    Args:
        table: Where the rows go.
        summed: Its column of counts.
    """

    def __init__(self, table: Table, summed: str) -> None:
        self._table = table
        self._summed = summed
        self._folder = tempfile.TemporaryDirectory(prefix="timbral-tally-")
        folder = Path(self._folder.name)
        self._engine = duckdb.connect(str(folder / "tally.duckdb"))
        self._engine.execute(f"SET threads = 1; SET memory_limit = '{_MEMORY}'")
        self._rows_count = 0

    def add(self, chunk: Chunk) -> None:
        """Take rows in."""
        rows = chunk.outputs[0][1]
        if not rows.num_rows:
            return
        places = pa.array(np.arange(self._rows_count, self._rows_count + rows.num_rows))
        voters = pa.nulls(rows.num_rows, pa.string()) if chunk.voters is None else chunk.voters
        rows = rows.append_column("_place", places).append_column("_voter", voters)
        self._engine.register("rows", rows)
        verb = "INSERT INTO staged" if self._rows_count else "CREATE TABLE staged AS"
        with _told():
            self._engine.execute(f"{verb} SELECT * FROM rows")  # noqa: S608  one of two literals
        self._engine.unregister("rows")
        self._rows_count += rows.num_rows

    def duplicates_count(self) -> int:
        """Count rows with a voter that are the same in everything as an earlier one."""
        if not self._rows_count:
            return 0
        columns = self._all_columns()
        sql = f"""
            SELECT coalesce(sum(times - 1), 0) FROM (
                SELECT count(*) AS times FROM staged WHERE _voter IS NOT NULL GROUP BY {columns}, _voter
            )"""  # noqa: S608  declared names
        with _told():
            return int(self._engine.execute(sql).fetchall()[0][0])

    def results(self, rows_count: int) -> Iterator[pa.Table]:
        """Yield the sums, ordered by the table's key, ``rows_count`` at a time.

        Columns that are neither key nor count have the first value that the file gives.
        """
        if not self._rows_count:
            return
        columns, key = self._all_columns(), ", ".join(self._table.key)
        first = ", ".join(
            f"sum({name})::BIGINT AS {name}"
            if name == self._summed
            else name
            if name in self._table.key
            else f"arg_min({name}, _place) FILTER ({name} IS NOT NULL) AS {name}"
            for name in self._table.column_names
        )
        sql = f"""
            WITH single AS (
                SELECT {columns}, min(_place) AS _place FROM staged WHERE _voter IS NOT NULL
                GROUP BY {columns}, _voter
                UNION ALL SELECT {columns}, _place FROM staged WHERE _voter IS NULL
            )
            SELECT {first} FROM single GROUP BY {key} ORDER BY {key}"""  # noqa: S608  declared names
        with _told():
            for batch in self._engine.sql(sql).to_arrow_reader(rows_count):
                yield pa.Table.from_batches([batch])

    def close(self) -> None:
        """Let go of the disk."""
        self._engine.close()
        self._folder.cleanup()

    def _all_columns(self) -> str:
        return ", ".join(self._table.column_names)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        first_line = str(error).split("\n", 1)[0]
        raise StoreError(f"rows can't be counted in the folder for temporary files: {first_line}") from error
