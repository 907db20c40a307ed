"""Tables without some of their rows, and without the versions that had them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from timbral.core.engine_rows import count_of, insert
from timbral.digests import digest_bytes, digest_json
from timbral.errors import Conflict
from timbral.store.compaction import current_parts, put_in_place
from timbral.store.engine import stream
from timbral.store.parts import encode_part, part_name, regroup
from timbral.tables.catalogue import LANDED_TABLES
from timbral.tables.core import TRACK_MATCHES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

    from timbral.store.snapshots import Snapshot
    from timbral.store.tables import Tables
    from timbral.tables.declaration import Table

TRIES_COUNT = 5


@dataclass(frozen=True)
class OnlyTheirs:
    """What nobody but one listener mentions.

    Attributes:
        spelling_ids: Spellings of track_matches.
        track_ids: Tracks all of whose spellings are among them.
    """

    spelling_ids: list[str]
    track_ids: list[str]


def only_theirs(tables: Tables, listener_id: str) -> OnlyTheirs:
    """Find the tracks that are known by one listener alone.

    Args:
        tables: The store's tables, the listener's rows still in them.
        listener_id: The listener.
    """
    matches = tables.head(TRACK_MATCHES)
    if matches is None:
        return OnlyTheirs([], [])
    telling = [table for table in LANDED_TABLES if {"artist", "track"} <= set(table.column_names)]
    views = {table.name: (table, tables.current(table)) for table in telling}
    with tables.engine(views | {"matches": (TRACK_MATCHES, matches)}, latest=False) as engine:
        engine.execute("SET VARIABLE listener = ?", [listener_id])
        own = [_names(table, "=") for table in telling if "listener_id" in table.column_names]
        others = [_names(table, "<>") for table in telling]
        engine.execute(f"CREATE TABLE own AS {' UNION '.join(own)}")
        engine.execute(f"CREATE TABLE others AS {' UNION '.join(others)}")
        engine.execute(
            "CREATE TABLE alone AS SELECT spelling_id, track_id FROM matches "
            "SEMI JOIN own USING (artist, track) ANTI JOIN others USING (artist, track)"
        )
        tracks = (
            "SELECT DISTINCT track_id FROM alone ANTI JOIN "
            "(FROM matches ANTI JOIN alone USING (spelling_id)) kept USING (track_id) ORDER BY track_id"
        )
        spellings = "SELECT spelling_id FROM alone ORDER BY spelling_id"
        return OnlyTheirs(*(_column(engine, query) for query in (spellings, tracks)))


def _names(table: Table, whose: str) -> str:
    own = f" AND listener_id {whose} getvariable('listener')" if "listener_id" in table.column_names else ""
    return f"SELECT artist, track FROM {table.name} WHERE artist IS NOT NULL AND track IS NOT NULL{own}"  # noqa: S608  declared names


def _column(engine: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [row[0] for row in engine.sql(query).fetchall()]


@contextlib.contextmanager
def _kept(
    tables: Tables, table: Table, snapshot: Snapshot, column: str, values: Sequence[str]
) -> Iterator[tuple[int, Any]]:
    """Open a table without the rows of some values; tell how many those are."""
    with tables.engine({"every": (table, snapshot)}, latest=False) as engine:
        insert(engine, "gone", pa.table({"value": pa.array(values, pa.string())}))
        gone_count = count_of(engine, f"SELECT count(*) FROM every SEMI JOIN gone ON {column} = value")  # noqa: S608  declared names
        kept = f"SELECT * FROM every ANTI JOIN gone ON {column} = value ORDER BY {', '.join(table.key)}"  # noqa: S608  as above
        yield gone_count, stream(engine, kept)


def rewrite_published(tables: Tables, table: Table, column: str, values: Sequence[str]) -> int:
    """Publish a snapshot table again without some rows, and delete every version of before.

    The next run computes it anew, since it isn't what its inputs make any more.

    Returns:
        How many rows were left out.
    """
    head = tables.head(table)
    if head is None:
        return 0
    gone_count = 0
    if values:
        with _kept(tables, table, head, column, values) as (gone_count, rows):
            if gone_count:
                tables.publish(table, rows, digest_json([head.id, "erased", column, sorted(values)]))
    present = tables.head(table) or head
    _delete_all_but(tables, table, {part.key for part in present.parts}, present.id)
    return gone_count


def rewrite_landed(tables: Tables, table: Table, listener_id: str) -> int:
    """Compact an append table without a listener's rows, and delete every part and version of before.

    Returns:
        How many rows were left out.

    Raises:
        Conflict: Others kept compacting.
    """
    for _ in range(TRIES_COUNT):
        seen = current_parts(tables.objects, table)
        every = tables.current(table)
        with _kept(tables, table, every, "listener_id", [listener_id]) as (gone_count, rows):
            parts = []
            for kept in regroup(rows):
                data = encode_part(kept.cast(table.schema))
                parts.append(f"{table.prefix}/compacted/{part_name(digest_bytes(data), kept.num_rows)}")
                tables.objects.put(parts[-1], data)
        try:
            put_in_place(tables.objects, table, seen, parts)
        except Conflict:
            continue
        landed_since = set(tables.current(table).parts) - set(every.parts)
        _delete_all_but(tables, table, {*parts, *(part.key for part in landed_since)}, None)
        _forget_replaced(tables, table)
        return gone_count
    msg = f"table {table.name!r} is being compacted by others; try again"
    raise Conflict(msg)


def _forget_replaced(tables: Tables, table: Table) -> None:
    """Let parts that were deleted land again: whoever was erased may come back with the same files."""
    seen = current_parts(tables.objects, table)
    kept = [key for key in seen.keys if key in seen.compacted]
    put_in_place(tables.objects, table, type(seen)(tuple(kept), seen.compacted, frozenset(), seen.tag), kept)


def _delete_all_but(tables: Tables, table: Table, kept: set[str], snapshot_id: str | None) -> None:
    kept = kept | {f"{table.prefix}/snapshots/{snapshot_id}.json"}
    found = [
        info.key
        for place in ("parts", "compacted", "snapshots")
        for info in tables.objects.list(f"{table.prefix}/{place}")
    ]
    tables.objects.delete([key for key in found if key not in kept])
