"""Plays as a file has them turned into rows: of known time, or counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from timbral.raw.cells import booleans, integers, mbids, optional_text
from timbral.raw.chunk import Chunk
from timbral.raw.times import DAY_ONLY, EMPTY, OK, WRONG, Times, read_times
from timbral.tables.check import Fault
from timbral.tables.columns import FIRST_SCROBBLE_UTS
from timbral.tables.raw import USER_SCROBBLES_RAW, USER_TRACKS_RAW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timbral.raw.formats.format import Cells

_DAY_S = 86_400  # clocks and zones may be off by that much before a time counts as future
_TIME_COLUMNS = ("uts", "utc_time", "date")


@dataclass(frozen=True)
class Ground:
    """What holds for all plays of a file.

    Attributes:
        source: The dialect.
        listener: Who listened where a row doesn't say.
        now_uts: The present; plays more than a day later are refused.
        times_are_ends: Whether times say when a play ended rather than when it began.
    """

    source: str
    listener: str | None
    now_uts: int
    times_are_ends: bool = False


@dataclass
class _Plays:
    """All that rows of either table need."""

    columns: dict[str, pa.Array]
    times: Times
    is_timed: np.ndarray
    faults: list[Fault]


def read_plays_of(cells: Cells, ground: Ground) -> Iterator[Chunk]:
    """Turn cells into rows of ``user_scrobbles_raw`` and ``user_tracks_raw``.

    A play whose time is missing, before 2002 or a mere day still counts, as one without a time; so
    does a row that stands for several plays.
    """
    plays = _plays(cells, ground)
    timed = _timed(plays, ground)
    timed_chunk = _chunk(cells, plays, plays.is_timed, timed, tallied=False)
    timed_chunk.line_faults = cells.line_faults
    timed_chunk.repairs = Counter(cells.repairs)
    yield timed_chunk
    if not plays.is_timed.all():
        others = _chunk(cells, plays, ~plays.is_timed, _counted(plays, ground), tallied=True)
        states, uts = plays.times.states[~plays.is_timed], plays.times.uts[~plays.is_timed]
        others.untimed_count = int(((states == EMPTY) | (states == DAY_ONLY)).sum())
        others.early_count = int(((states == OK) & (uts < FIRST_SCROBBLE_UTS)).sum())
        yield others


def _plays(cells: Cells, ground: Ground) -> _Plays:
    columns = {name: cells.columns.column(name).combine_chunks() for name in cells.columns.column_names}
    rows_count = cells.columns.num_rows
    faults: list[Fault] = []
    for name in ("played_ms", "plays_count"):
        if name in columns:
            columns[name], wrong = integers(columns[name], name)
            faults += wrong
    times = _times(columns, rows_count)
    if ground.times_are_ends and "played_ms" in columns:
        lengths = columns["played_ms"].fill_null(0).to_numpy(zero_copy_only=False)
        times = Times(np.where(times.states == OK, times.uts - lengths // 1_000, times.uts), times.states)
    is_wrong = times.states == WRONG
    is_future = (times.states == OK) & (times.uts > ground.now_uts + _DAY_S)
    if is_wrong.any():
        faults.append(
            Fault("scrobbled_at_uts", "is no time: Unix seconds, ISO 8601 or '24 Jan 2023, 09:42'", is_wrong)
        )
    if is_future.any():
        faults.append(Fault("scrobbled_at_uts", "is in the future", is_future))
    is_timed = (times.states == WRONG) | ((times.states == OK) & (times.uts >= FIRST_SCROBBLE_UTS))
    if "plays_count" in columns:
        is_timed &= columns["plays_count"].fill_null(1).to_numpy(zero_copy_only=False) == 1
    columns["listener_id"] = _listeners(columns.get("listener_id"), ground.listener, rows_count)
    return _Plays(columns, times, is_timed, faults)


def _times(columns: dict[str, pa.Array], rows_count: int) -> Times:
    """Take each row's first readable time."""
    found = Times(np.zeros(rows_count, np.int64), np.full(rows_count, EMPTY, np.int8))
    for name in _TIME_COLUMNS:
        open_rows = np.flatnonzero(found.states != OK)
        if name in columns and len(open_rows):
            other = read_times(columns[name].take(pa.array(open_rows)))
            use = other.states != EMPTY
            found.uts[open_rows[use]] = other.uts[use]
            found.states[open_rows[use]] = other.states[use]
    if "date" in columns and "utc_time" in columns:
        _join_day_and_hour(found, columns["date"], columns["utc_time"])
    return found


def _join_day_and_hour(found: Times, days: pa.Array, hours: pa.Array) -> None:
    """Read what some exports write in two columns: ``31 Jan 2021`` and ``23:36``."""
    open_rows = np.flatnonzero((found.states == DAY_ONLY) | (found.states == WRONG))
    if not len(open_rows):
        return
    cells = [pc.utf8_trim_whitespace(column.take(pa.array(open_rows))) for column in (days, hours)]
    joined = read_times(pc.binary_join_element_wise(*cells, " "))
    use = joined.states == OK
    found.uts[open_rows[use]] = joined.uts[use]
    found.states[open_rows[use]] = OK


def _listeners(cells: pa.Array | None, listener: str | None, rows_count: int) -> pa.Array:
    if cells is None:
        return pa.repeat(pa.scalar(listener, pa.string()), rows_count)
    return pc.coalesce(optional_text(cells), pa.scalar(listener, pa.string()))


def _common(plays: _Plays, ground: Ground) -> dict[str, pa.Array]:
    columns, rows_count = plays.columns, len(plays.is_timed)
    common = {
        "listener_id": columns["listener_id"],
        "artist": columns["artist"],
        "track": columns["track"],
        "source": pa.repeat(ground.source, rows_count),
        "observed_at_uts": pa.repeat(pa.scalar(0, pa.int64()), rows_count),
    }
    for name in ("album", "source_track_id"):
        if name in columns:
            common[name] = optional_text(columns[name])
    for name in ("artist_mbid", "track_mbid"):
        if name in columns:
            common[name] = mbids(columns[name])
    return common


def _timed(plays: _Plays, ground: Ground) -> pa.Table:
    rows = _common(plays, ground) | {"scrobbled_at_uts": pa.array(plays.times.uts)}
    if "album_mbid" in plays.columns:
        rows["album_mbid"] = mbids(plays.columns["album_mbid"])
    if "played_ms" in plays.columns:
        rows["played_ms"] = plays.columns["played_ms"]
    if "was_skipped" in plays.columns:
        rows["was_skipped"] = booleans(plays.columns["was_skipped"])
    return pa.table(rows)


def _counted(plays: _Plays, ground: Ground) -> pa.Table:
    rows_count = len(plays.is_timed)
    counts = plays.columns.get("plays_count", pa.nulls(rows_count, pa.int64()))
    # A required name may be empty only in a table that allows it: here an empty one is no name.
    rows = _common(plays, ground) | {"plays_count": counts.fill_null(1)}
    return pa.table(rows)


def _chunk(cells: Cells, plays: _Plays, mine: np.ndarray, rows: pa.Table, *, tallied: bool) -> Chunk:
    table = USER_TRACKS_RAW if tallied else USER_SCROBBLES_RAW
    places = np.flatnonzero(mine)
    mask = pa.array(mine)
    faults = [Fault(fault.column, fault.reason, np.asarray(fault.rows)[mine]) for fault in plays.faults]
    rows = rows.filter(mask)
    if tallied:
        faults += _nameless(rows)
    voters = None
    if tallied and "plays_count" in plays.columns:
        voters = pa.repeat("", len(places))
    return Chunk([(table, rows)], places, cells.origin, faults, is_tallied=tallied, voters=voters)


def _nameless(rows: pa.Table) -> list[Fault]:
    """Find rows without artist or title: only layouts with ids of their own may have them."""
    found = []
    for name in ("artist", "track"):
        blank = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(rows.column(name))), 0).fill_null(True)  # noqa: FBT003  pyarrow's own signature
        if pc.any(blank).as_py():
            found.append(Fault(name, "is empty", blank.combine_chunks().to_numpy(zero_copy_only=False)))
    return found
