"""The latest row of each key, without sorting the rows that have no rival.

A window over ten million scrobbles takes five times as long and three times the memory:
almost every key comes once, so only those that come again are put in order.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from timbral.core.engine_rows import count_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import duckdb

    from timbral.stage import Pins
    from timbral.store.tables import Tables
    from timbral.tables.declaration import Table


@contextlib.contextmanager
def open_latest(
    tables: Tables, pins: Pins, reads: Mapping[str, Table]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a query engine that sees pinned tables, of each key only the latest row.

    Args:
        tables: The store.
        pins: Snapshots by the tables' names.
        reads: ``{view: table}``.
    """
    views = {_every(name, table): (table, pins[table.name]) for name, table in reads.items()}
    with tables.engine(views, latest=False) as engine:
        for name, table in reads.items():
            if table.mode == "append":
                create_latest(engine, table, _every(name, table), name)
        yield engine


def _every(name: str, table: Table) -> str:
    return f"{name}_rows" if table.mode == "append" else name


def create_latest(connection: duckdb.DuckDBPyConnection, table: Table, rows: str, name: str) -> int:
    """Make a view of the latest row of each key.

    Args:
        connection: A database that has the rows.
        table: An append table.
        rows: A view of every row of every part.
        name: The view to make; which row of a key it shows depends on the rows' values
            alone, and is the one that `timbral.store.engine.create_view` would show.

    Returns:
        How many keys came more than once, or share their hash with one that did.
    """
    key = ", ".join(table.key)
    rest = [column for column in table.column_names if column not in {*table.key, table.order}]
    order = ", ".join(f"{column} DESC NULLS LAST" for column in [table.order, *rest] if column)
    again = f"hash({key}) IN (SELECT key_hash FROM {name}_repeated)"  # noqa: S608  declared names and the code's own
    only = f"SELECT * FROM {rows}"  # noqa: S608  as above
    connection.execute(
        f"CREATE TABLE {name}_repeated AS SELECT hash({key}) AS key_hash FROM {rows} "  # noqa: S608  as above
        "GROUP BY key_hash HAVING count(*) > 1"
    )
    repeated_count = count_of(connection, f"SELECT count(*) FROM {name}_repeated")  # noqa: S608  as above
    if repeated_count:
        only = (
            f"{only} WHERE NOT ({again}) UNION ALL ({only} WHERE {again} "
            f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {order}) = 1)"
        )
    if table.removal:
        only = f"SELECT * FROM ({only}) WHERE {table.removal} IS NOT TRUE"  # noqa: S608  as above
    connection.execute(f"CREATE VIEW {name} AS {only}")
    return repeated_count
