"""Core: which recordings are the same track."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.core.latest import open_latest
from timbral.core.mentions import count_nameless, gather_mentions
from timbral.core.merging import merge_names
from timbral.core.spellings import RULES_VERSION, identify_bare, identify_spelled
from timbral.core.tracks import MATCHES, TRACKS, choose_facts, match_mentions
from timbral.stage import StageResult, fingerprint, unchanged
from timbral.store.engine import stream
from timbral.store.snapshots import Snapshot
from timbral.tables.core import TRACK_MATCHES, TRACKS_CORE
from timbral.tables.raw import (
    MOOD_LABELS_RAW,
    TAG_VOTES_RAW,
    TRACKS_SPOTIFY,
    USER_SCROBBLES_RAW,
    USER_TRACKS_RAW,
)

if TYPE_CHECKING:
    from timbral.progress import Progress
    from timbral.stage import Pins
    from timbral.store.tables import Tables

CODE_VERSION = 2
"""Raised by hand when the stage's decisions change; `RULES_VERSION` covers the reading of names."""

_READS = {
    "scrobbles": USER_SCROBBLES_RAW,
    "counted": USER_TRACKS_RAW,
    "catalogue": TRACKS_SPOTIFY,
    "moods": MOOD_LABELS_RAW,
    "votes": TAG_VOTES_RAW,
}


def run(tables: Tables, pins: Pins, progress: Progress) -> StageResult:
    """Give every track that any source names one identity.

    Tracks that nobody played are among them, where a catalogue, a tag or a mood names them: they can be
    recommended. Artists' play counts make no tracks.

    Args:
        tables: The store.
        pins: Snapshots of the raw tables.
        progress: Told of every spelling that has to be read.

    Returns:
        The snapshots of ``track_matches`` and ``tracks_core``; computed and reused are spellings.
    """
    inputs = fingerprint(CODE_VERSION, pins, _READS.values(), rules=RULES_VERSION)
    if done := unchanged(tables, (TRACK_MATCHES, TRACKS_CORE), inputs):
        return done
    former = tables.head(TRACK_MATCHES) or Snapshot(TRACK_MATCHES.name, ())
    known = {table.name: pins[table.name] for table in _READS.values()} | {TRACK_MATCHES.name: former}
    with open_latest(tables, known, {**_READS, "former": TRACK_MATCHES}) as engine:
        gather_mentions(engine)
        computed_count, reused_count, unreadable_count = identify_spelled(engine, progress)
        identify_bare(engine)
        merged_count = merge_names(engine)
        match_mentions(engine)
        matches, bad_matches = tables.publish(TRACK_MATCHES, stream(engine, MATCHES), inputs)
        choose_facts(engine)
        tracks, bad_tracks = tables.publish(TRACKS_CORE, stream(engine, TRACKS), inputs)
        nameless_count = count_nameless(engine)
    reasons = {
        "names hold nothing but white space": unreadable_count,
        "plays have neither names nor an id": nameless_count,
    }
    return StageResult(
        {TRACK_MATCHES.name: matches, TRACKS_CORE.name: tracks},
        rows_count=matches.rows_count + tracks.rows_count,
        computed_count=computed_count,
        reused_count=reused_count,
        quarantined={**bad_matches, **bad_tracks, **{why: count for why, count in reasons.items() if count}},
        notes={
            "tracks": tracks.rows_count,
            "spellings": matches.rows_count,
            "merged_spellings": matches.rows_count - tracks.rows_count,
            "merged_names": merged_count,
        },
    )
