"""Taste Profile: listener, song and plays, with a table of songs beside it or without."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from timbral.raw.cells import integers, optional_text
from timbral.raw.chunk import Chunk
from timbral.raw.files.records import Records, read_records
from timbral.raw.formats.format import SURE, Nobodys, Reading, RecordsOrigin, layout_of
from timbral.raw.formats.names import LISTEN_NAMES, SONG_NAMES, positions
from timbral.tables.check import Fault
from timbral.tables.raw import USER_TRACKS_RAW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from timbral.raw.files.head import Head

_SONG = re.compile(r"(?:SO|TR)[A-Z0-9]{14,17}")
_TRIPLET_NAMES: Mapping[str, Sequence[str]] = {
    "listener_id": LISTEN_NAMES["listener_id"],
    "source_track_id": SONG_NAMES["song_id"],
    "plays_count": LISTEN_NAMES["plays_count"],
}
_MSD_TRACKS = {
    "source_track_id": 1,
    "artist": 2,
    "track": 3,
}  # the challenge's own table: track, song, artist, title
_AGREEING_SHARE = 0.9
_FACTS = ("artist", "track", "album")
_Facts = dict[str, tuple[str, ...]]


class TasteProfile(Nobodys):
    """Triplets of the Echo Nest's Taste Profile; songs without facts keep only their id."""

    name = "Taste Profile triplets"
    has_companions = True
    source = "taste-profile"

    def sniff(self, head: Head) -> float | None:
        """Judge by the names of the columns, or by ids and counts where there are none."""
        return SURE if head.kind == "table" and _positions(head) else None

    def lacks(self, head: Head) -> Sequence[str]:
        """Name what is missing of listener, song and plays."""
        found = positions(head.columns, _TRIPLET_NAMES)
        return [theirs[0] for ours, theirs in _TRIPLET_NAMES.items() if ours not in found]

    def companions(self, head: Head, others: Sequence[Head]) -> Sequence[Head]:
        """Pick tables that say what the songs are."""
        del head
        return [other for other in others if _song_positions(other)]

    def read(self, head: Head, reading: Reading) -> Iterator[Chunk]:
        """Read triplets, each with the facts of its song where they are known."""
        facts: _Facts = {}
        for companion in reading.companions:
            facts.update(_facts(companion, reading))
        for records in read_records(reading.open(head), layout_of(head), _positions(head)):
            yield _chunk(records, facts, self.source)


def _positions(head: Head) -> dict[str, int]:
    if head.columns:
        found = positions(head.columns, _TRIPLET_NAMES)
        has_names = {"artist", "track"} <= set(positions(head.columns, LISTEN_NAMES))
        return found if len(found) == len(_TRIPLET_NAMES) and not has_names else {}
    fitting = sum(
        len(row) == 3 and bool(row[0]) and bool(_SONG.fullmatch(row[1])) and row[2].strip().isdigit()  # noqa: PLR2004  a triplet
        for row in head.sample
    )
    is_sure = bool(head.sample) and fitting >= _AGREEING_SHARE * len(head.sample)
    return {"listener_id": 0, "source_track_id": 1, "plays_count": 2} if is_sure else {}


def _song_positions(head: Head) -> dict[str, int]:
    if head.kind != "table":
        return {}
    if not head.columns:
        is_msd = bool(head.sample) and all(len(row) == 4 and _SONG.fullmatch(row[1]) for row in head.sample)  # noqa: PLR2004  four columns
        return _MSD_TRACKS if is_msd else {}
    found = positions(head.columns, SONG_NAMES)
    if not {"song_id", "track", "artist"} <= set(found):
        return {}
    found["source_track_id"] = found.pop("song_id")
    return found


def _facts(head: Head, reading: Reading) -> _Facts:
    facts: _Facts = {}
    wanted = _song_positions(head)
    for records in read_records(reading.open(head), layout_of(head), wanted):
        ids = records.columns.column("source_track_id").to_pylist()
        empty = [""] * len(ids)
        named = [records.columns.column(name).to_pylist() if name in wanted else empty for name in _FACTS]
        facts.update(zip(ids, zip(*named, strict=True), strict=True))
    return facts


def _chunk(records: Records, facts: _Facts, source: str) -> Chunk:
    columns, rows_count = records.columns, records.columns.num_rows
    plays, wrong = integers(columns.column("plays_count").combine_chunks(), "plays_count")
    songs = columns.column("source_track_id").combine_chunks()
    nothing = ("",) * len(_FACTS)
    known = [facts.get(song, nothing) for song in songs.to_pylist()]
    named = {
        name: optional_text(pa.array([fact[at] for fact in known], pa.string()))
        for at, name in enumerate(_FACTS)
    }
    blank = np.array([not song.strip() for song in songs.to_pylist()], bool)
    if blank.any():
        wrong = [*wrong, Fault("source_track_id", "is empty", blank)]
    rows = pa.table(
        {
            "listener_id": columns.column("listener_id"),
            "source_track_id": songs,
            **named,
            "plays_count": plays,
            "source": pa.repeat(source, rows_count),
            "observed_at_uts": pa.repeat(pa.scalar(0, pa.int64()), rows_count),
        }
    )
    return Chunk(
        [(USER_TRACKS_RAW, rows)],
        np.arange(rows_count),
        RecordsOrigin(records),
        list(wrong),
        records.faults,
        is_tallied=True,
        voters=pa.repeat("", rows_count),
        repairs=Counter(records.repairs),
    )
