"""Features: everything known of a track in one row, and who played it how often."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.core.latest import open_latest
from timbral.features.albums import gather_albums
from timbral.features.plays import LISTENER_CLOCK_ROWS, LISTENER_PLAYS_ROWS, gather_plays
from timbral.features.tracks import join_tracks
from timbral.stage import StageResult, fingerprint, unchanged
from timbral.store.engine import stream
from timbral.tables.api import FEEDBACK
from timbral.tables.core import TRACK_MATCHES, TRACKS_CORE
from timbral.tables.features import LISTENER_CLOCK, LISTENER_PLAYS, TRACK_FEATURE_VIEW
from timbral.tables.raw import (
    ALBUM_REVIEWS_AOTY,
    ALBUMS_AOTY,
    AUDIO_FEATURES_SPOTIFY,
    TRACKS_SPOTIFY,
    USER_SCROBBLES_RAW,
    USER_TRACKS_RAW,
)
from timbral.tables.tags import TRACK_TAGS

if TYPE_CHECKING:
    from timbral.progress import Progress
    from timbral.stage import Pins
    from timbral.store.tables import Tables

PLAYS_VERSION = 2
"""Raised by hand when the decisions about plays change."""

VIEW_VERSION = 1
"""Raised by hand when the decisions about the view of tracks change."""

_PLAYS_READS = {
    "scrobbles": USER_SCROBBLES_RAW,
    "counted": USER_TRACKS_RAW,
    "feedback": FEEDBACK,
    "matches": TRACK_MATCHES,
}
_VIEW_READS = {
    "tracks": TRACKS_CORE,
    "matches": TRACK_MATCHES,
    "tags": TRACK_TAGS,
    "plays": LISTENER_PLAYS,
    "albums": ALBUMS_AOTY,
    "reviews": ALBUM_REVIEWS_AOTY,
    "catalogue": TRACKS_SPOTIFY,
    "audio": AUDIO_FEATURES_SPOTIFY,
}


def run(tables: Tables, pins: Pins, progress: Progress) -> StageResult:
    """Bring together what is known of tracks and of who plays them.

    Plays and the view are computed apart: new tags or reviews leave the plays alone.

    Args:
        tables: The store.
        pins: Snapshots of the raw, core and tags tables.
        progress: Told of every slice of tracks.

    Returns:
        The snapshots of ``listener_plays``, ``listener_clock`` and ``track_feature_view``.
    """
    plays = _run_plays(tables, pins, progress)
    view = _run_view(tables, {**pins, **plays.snapshots}, progress)
    return StageResult(
        {**plays.snapshots, **view.snapshots},
        rows_count=plays.rows_count + view.rows_count,
        computed_count=plays.computed_count + view.computed_count,
        reused_count=plays.reused_count + view.reused_count,
        quarantined={**plays.quarantined, **view.quarantined},
        notes={name: snapshot.rows_count for name, snapshot in {**plays.snapshots, **view.snapshots}.items()},
    )


def _run_plays(tables: Tables, pins: Pins, progress: Progress) -> StageResult:
    outputs = (LISTENER_PLAYS, LISTENER_CLOCK)
    inputs = fingerprint(PLAYS_VERSION, pins, _PLAYS_READS.values())
    if done := unchanged(tables, outputs, inputs):
        return done
    progress.begin("features", None, "plays")
    with open_latest(tables, pins, _PLAYS_READS) as engine:
        gather_plays(engine)
        plays, bad_plays = tables.publish(LISTENER_PLAYS, stream(engine, LISTENER_PLAYS_ROWS), inputs)
        clock, bad_clock = tables.publish(LISTENER_CLOCK, stream(engine, LISTENER_CLOCK_ROWS), inputs)
    rows_count = plays.rows_count + clock.rows_count
    return StageResult(
        {LISTENER_PLAYS.name: plays, LISTENER_CLOCK.name: clock},
        rows_count=rows_count,
        computed_count=rows_count,
        quarantined={**bad_plays, **bad_clock},
    )


def _run_view(tables: Tables, pins: Pins, progress: Progress) -> StageResult:
    inputs = fingerprint(VIEW_VERSION, pins, _VIEW_READS.values())
    if done := unchanged(tables, (TRACK_FEATURE_VIEW,), inputs):
        return done
    with open_latest(tables, pins, _VIEW_READS) as engine:
        gather_albums(engine)
        view, bad = tables.publish(TRACK_FEATURE_VIEW, join_tracks(engine, progress), inputs)
    return StageResult(
        {TRACK_FEATURE_VIEW.name: view},
        rows_count=view.rows_count,
        computed_count=view.rows_count,
        quarantined=bad,
    )
