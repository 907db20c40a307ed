"""What nothing refers to any more is deleted, once no reader can still be at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.store.checkpoints import UNFINISHED
from timbral.store.compaction import current_parts
from timbral.store.releases import RELEASES, Releases
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


def vacuum_unfinished(objects: Objects, stage: str, now: datetime, grace: timedelta) -> int:
    """Delete what a stage kept of work that nobody has gone on with.

    Args:
        objects: The object store.
        stage: The stage's word.
        now: The present.
        grace: How long work may take; what is younger is kept.

    Returns:
        How many objects were deleted.
    """
    doomed = unreferenced(list(objects.list(f"{stage}/{UNFINISHED}")), set(), now, grace)
    objects.delete(doomed)
    return len(doomed)


def vacuum_releases(objects: Objects, now: datetime, grace: timedelta, kept_count: int) -> int:
    """Delete releases that are neither served nor soon gone back to, and builds that came second.

    The newest release stays even if the gate refused it: without it the next run would make it again.

    Args:
        objects: The object store.
        now: The present.
        grace: How long a reader or a builder may take; what is younger is kept.
        kept_count: How many of those served before stay, for going back.

    Returns:
        How many objects were deleted.
    """
    releases = Releases(objects)
    pointer, manifests = releases.current(), releases.list()
    wanted = {manifests[0].release} if manifests else set()
    if pointer:
        wanted |= {pointer.release, *pointer.before[:kept_count]}
    found = [info for info in objects.list(RELEASES) if info.key.count("/") > 1]
    whole = [manifest for manifest in manifests if manifest.release in wanted]
    own = tuple(f"{RELEASES}/{manifest.release}/manifest.json" for manifest in whole)
    own += tuple(f"{manifest.prefix}/" for manifest in whole)
    kept = {info.key for info in found if info.key.startswith(own)}
    doomed = unreferenced(found, kept, now, grace)
    # A release without its manifest is none: manifests go first, so no half of a release is ever found.
    for are_manifests in (True, False):
        objects.delete([key for key in doomed if key.endswith("/manifest.json") is are_manifests])
    return len(doomed)
