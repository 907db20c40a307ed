"""The flow's first stage: take what has landed so far, and pin it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.errors import Conflict, InvalidRequest
from timbral.stage import StageResult
from timbral.tables.catalogue import LANDED_TABLES

if TYPE_CHECKING:
    from timbral.progress import Progress
    from timbral.stage import Pins
    from timbral.store.snapshots import Snapshot
    from timbral.store.tables import Tables
    from timbral.tables.declaration import Table

MOST_PARTS = 64
"""An append table of more parts than this is compacted before it is read."""


def run(tables: Tables, pins: Pins, progress: Progress) -> StageResult:
    """Pin every table that something lands in, compacting those that have come to many parts.

    Args:
        tables: The store.
        pins: Nothing; the first stage depends on no other.
        progress: Told of each table.

    Returns:
        The snapshots, and which tables were compacted.

    Raises:
        InvalidRequest: No table has any rows.
    """
    del pins
    progress.begin("raw", len(LANDED_TABLES), "tables")
    snapshots: dict[str, Snapshot] = {}
    compacted: dict[str, int] = {}
    for table in LANDED_TABLES:
        crowded = len(tables.current(table).parts) > MOST_PARTS
        was_compacted = crowded and _compact(tables, table)
        snapshots[table.name] = tables.pin(table)
        if was_compacted:
            compacted[table.name] = snapshots[table.name].rows_count
        progress.advance()
    rows_count = sum(snapshot.rows_count for snapshot in snapshots.values())
    if not rows_count:
        msg = f"nothing has been imported into {tables.objects.root}: there is nothing to run on"
        raise InvalidRequest(msg)
    computed_count = sum(compacted.values())
    return StageResult(
        snapshots,
        rows_count=rows_count,
        computed_count=computed_count,
        reused_count=rows_count - computed_count,
        notes={"compacted": sorted(compacted)},
    )


def _compact(tables: Tables, table: Table) -> bool:
    try:
        tables.compact(table)
    except Conflict:
        return False  # another run did it
    return True
