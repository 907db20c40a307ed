"""Rows and counts, into the query engine and out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


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
