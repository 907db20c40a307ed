"""Rows and counts, into the query engine and out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb
    import pyarrow as pa


_BATCH_ROWS = 20_000


def batches_of(engine: duckdb.DuckDBPyConnection, query: str) -> Iterator[pa.RecordBatch]:
    """Yield a query's rows in batches, between which the engine may be written to.

    Args:
        engine: The database.
        query: The query; its rows are set down first, since a connection does one thing at a time and
            another one to the same database does not see what is registered with the first.
    """
    engine.execute(f"CREATE OR REPLACE TABLE _pending AS {query}")
    yield from engine.cursor().sql("FROM _pending").to_arrow_reader(_BATCH_ROWS)
    engine.execute("DROP TABLE _pending")


def insert(engine: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Add Arrow rows to a table of the engine by the columns' names, making the table if there is none.

    Args:
        engine: The database.
        name: The table, an identifier of the code's own.
        rows: Any rows.
    """
    engine.register("_rows", rows)
    engine.execute(f"CREATE TABLE IF NOT EXISTS {name} AS FROM _rows LIMIT 0")
    engine.execute(f"INSERT INTO {name} BY NAME FROM _rows")
    engine.unregister("_rows")


def count_of(engine: duckdb.DuckDBPyConnection, query: str) -> int:
    """Return the one whole number that a query answers with."""
    ((count,),) = engine.execute(query).fetchall()
    return int(count)
