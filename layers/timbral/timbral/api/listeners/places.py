"""Where in the store something of one listener may lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.pulling.connections import connection_keys
from timbral.stage import STAGES
from timbral.store.listeners import listener_prefix
from timbral.tables.catalogue import ALL_TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timbral.store.objects import Objects
    from timbral.tables.declaration import Table

INBOX = "raw/inbox"
RECEIPTS = "raw/imports"


def tables_about_listeners() -> list[Table]:
    """Return the tables whose rows are each one listener's."""
    return [table for table in ALL_TABLES if "listener_id" in table.column_names]


def tables_about_tracks() -> list[Table]:
    """Return the tables that are computed of tracks, a row or more each."""
    return [
        table
        for table in ALL_TABLES
        if "track_id" in table.column_names
        and "listener_id" not in table.column_names
        and table.mode == "snapshot"
    ]


def documents_of(objects: Objects, listener_id: str) -> Iterator[str]:
    """Yield the keys of a listener's documents, of all stages."""
    for stage in STAGES:
        for info in objects.list(listener_prefix(stage, listener_id)):
            yield info.key
    yield from (key for key in connection_keys(listener_id) if objects.exists(key))


def inbox_of(listener_id: str) -> list[str]:
    """Return the prefixes of a listener's own files in the inbox; none for a name that is no folder's."""
    fits = listener_id not in {"", ".", ".."} and "/" not in listener_id
    return [f"{INBOX}/{listener_id}/"] if fits else []
