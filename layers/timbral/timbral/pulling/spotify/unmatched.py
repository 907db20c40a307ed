"""Tracks of ours that Spotify hasn't been asked for yet, or that it didn't know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.core.matching import Described
from timbral.pulling.spotify.catalogue import Unmatched
from timbral.store.engine import stream
from timbral.tables.core import TRACKS_CORE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timbral.store.tables import Tables

_UNMATCHED = """
SELECT track_id, artist, title, album, duration_ms, isrc, track_mbid AS mbid FROM tracks
WHERE is_named AND spotify_id IS NULL ORDER BY spellings_count DESC, track_id
"""


def unmatched_tracks(tables: Tables) -> Iterator[Unmatched]:
    """Yield tracks without a Spotify id, those first that go by most spellings: many sources name them.

    Args:
        tables: The store; nothing comes of one that has no tracks yet.
    """
    head = tables.head(TRACKS_CORE)
    if head is None:
        return
    with tables.engine({"tracks": (TRACKS_CORE, head)}) as engine:
        for batch in stream(engine, _UNMATCHED):
            for row in batch.to_pylist():
                yield Unmatched(row.pop("track_id"), Described(**row))
