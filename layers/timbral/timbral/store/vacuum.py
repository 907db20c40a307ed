"""What nothing refers to any more is deleted, once no reader can still be at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.store.compaction import current_parts
from timbral.store.snapshots import load_snapshot

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from timbral.store.objects import ObjectInfo, Objects
    from timbral.tables.declaration import Table


def unreferenced(found: list[ObjectInfo], kept: set[str], now: datetime, grace: timedelta) -> list[str]:
    """Choose what to delete.

    Args:
        found: All of a table's parts and snapshots.
        kept: Keys that the table's present state refers to.
        now: The present.
        grace: How long a reader may take.

    Returns:
        Keys that are neither kept nor younger than the grace.
    """
    return [info.key for info in found if info.key not in kept and info.modified_at < now - grace]


def vacuum(objects: Objects, table: Table, now: datetime, grace: timedelta) -> int:
    """Delete a table's parts and snapshots that its present state doesn't refer to.

    Args:
        objects: The object store.
        table: Any table.
        now: The present.
        grace: How long a reader may take; what is younger is kept.

    Returns:
        How many objects were deleted.
    """
    places = ("snapshots", "parts", "compacted")
    found = [info for place in places for info in objects.list(f"{table.prefix}/{place}")]
    if table.mode == "append":
        kept = set(current_parts(objects, table).keys)
    else:
        head = objects.get_tagged(f"{table.prefix}/head.json")
        snapshot = load_snapshot(head[0]) if head else None
        kept = {part.key for part in snapshot.parts} if snapshot else set()
        kept |= {f"{table.prefix}/snapshots/{snapshot.id}.json"} if snapshot else set()
    doomed = unreferenced(found, kept, now, grace)
    objects.delete(doomed)
    return len(doomed)
