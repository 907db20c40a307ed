"""Tags: what people call a track."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.core.latest import open_latest
from timbral.stage import StageResult, fingerprint, unchanged
from timbral.tables.core import TRACK_MATCHES, TRACKS_CORE
from timbral.tables.raw import ALBUMS_AOTY, TAG_VOTES_RAW
from timbral.tables.tags import TRACK_TAGS
from timbral.tags.spreading import bundle_votes, spread_bundles

if TYPE_CHECKING:
    from timbral.progress import Progress
    from timbral.stage import Pins
    from timbral.store.tables import Tables

CODE_VERSION = 2
"""Raised by hand when the stage's decisions change, the vocabulary and the weights among them."""

_READS = {
    "votes": TAG_VOTES_RAW,
    "albums": ALBUMS_AOTY,
    "matches": TRACK_MATCHES,
    "tracks": TRACKS_CORE,
}


def run(tables: Tables, pins: Pins, progress: Progress) -> StageResult:
    """Give every track its tags: those of the track itself, of its album and of its artist, blended.

    Args:
        tables: The store.
        pins: Snapshots of the raw and core tables.
        progress: Told of every slice of tracks.

    Returns:
        The snapshot of ``track_tags``.
    """
    inputs = fingerprint(CODE_VERSION, pins, _READS.values())
    if done := unchanged(tables, (TRACK_TAGS,), inputs):
        return done
    with open_latest(tables, pins, _READS) as engine:
        dropped_count = bundle_votes(engine)
        snapshot, rejected = tables.publish(TRACK_TAGS, spread_bundles(engine, progress), inputs)
    return StageResult(
        {TRACK_TAGS.name: snapshot},
        rows_count=snapshot.rows_count,
        computed_count=snapshot.rows_count,
        quarantined=rejected,
        notes={"tags_that_say_nothing": dropped_count},
    )
