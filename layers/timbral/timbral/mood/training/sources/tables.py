"""Delimited tables of catalogues: audio features of tracks, means of artists, Deezer's mood labels."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

from timbral.mood.inputs import POPULARITY_STEPS
from timbral.mood.targets import AUDIO_INPUTS, REGRESSIONS
from timbral.mood.training.sources.facts import FileFacts, TrackFacts, part_of
from timbral.raw.files.records import read_records
from timbral.raw.formats.format import layout_of
from timbral.raw.formats.names import AUDIO_NAMES, positions
from timbral.tables.columns import AUDIO_FEATURES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from timbral.raw.files.head import Head

_DEEZER: Final = {
    "msd_id": ("msd_track_id",),
    "valence": ("valence",),
    "arousal": ("arousal",),
    "artist": ("artist_name",),
    "title": ("track_name",),
}
_AUDIO: Final = {
    **AUDIO_NAMES,
    "msd_id": ("track_id",),
    "decade": ("decade",),
    "charted": ("target",),
    "tracks_count": ("count",),
}
_LIMITS: Final = {column.name: (column.minimum, column.maximum) for column in AUDIO_FEATURES}
_SPREAD = 5.0  # standard deviations from 0 to 1: Deezer's labels are z-scores, nearly all within 2.5 of 0
_CHARTED_STEP, _UNCHARTED_STEP = 15, 5
_MSD_ID = re.compile(r"TR[A-Z]{5}[0-9A-F]{11}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_LEAST_ARTIST_TRACKS = 3

Row = dict[str, str]


class _BadRowError(ValueError):
    """A row can't be used; its message says why."""


def table_kind(head: Head) -> str | None:
    """Say which of the tables a file is: ``deezer``, ``artists``, ``audio``, or None for none of them."""
    columns = set(head.columns)
    if {"msd_track_id", "valence", "arousal"} <= columns:
        return "deezer"
    found = positions(head.columns, _AUDIO)
    if not {"artist", *REGRESSIONS} <= found.keys() or columns & {"upbeat", "sad"}:
        return None
    if "track" in found:
        return "audio"
    return "artists" if "tracks_count" in found else None


def read_table(head: Head, kind: str) -> FileFacts:
    """Read a table.

    Args:
        head: The file's beginning.
        kind: As `table_kind` says.
    """
    names, titles = (_DEEZER, "Deezer mood labels") if kind == "deezer" else (_AUDIO, "audio features")
    part = part_of(head.source.name)
    readers: dict[str, Callable[[Row], TrackFacts | None]] = {
        "deezer": lambda row: _deezer(row, part),
        "audio": lambda row: _audio(row, "chorus_hit" in head.columns),
        "artists": _artist,
    }
    found = FileFacts("artists' mean audio features" if kind == "artists" else titles)
    for row in _rows(head, names, found):
        try:
            facts = readers[kind](row)
        except _BadRowError as reason:
            found.bad[str(reason)] += 1
        else:
            found.tracks += [facts] if facts else []
    return found


def _rows(head: Head, names: Mapping[str, tuple[str, ...]] | Any, found: FileFacts) -> Iterator[Row]:
    stream = head.open()
    try:
        for records in read_records(stream, layout_of(head), positions(head.columns, names)):
            found.rows_count += records.columns.num_rows + len(records.faults)
            found.bad.update(fault.reason for fault in records.faults)
            yield from records.columns.to_pylist()
    finally:
        stream.close()


def _deezer(row: Row, part: Any) -> TrackFacts:
    scores = {"energy": _number(row, "arousal"), "valence": _number(row, "valence")}
    labels = {
        target: min(max(0.5 + score / _SPREAD, 0.0), 1.0)
        for target, score in scores.items()
        if score is not None
    }
    return TrackFacts(
        key=f"msd:{row['msd_id']}" if _MSD_ID.fullmatch(row.get("msd_id", "")) else "",
        artist=_name(row, "artist"),
        title=_name(row, "title"),
        labels=labels,
        origin="voted",  # the scores were computed from the tracks' tags
        part=part,
    )


def _audio(row: Row, has_charts: bool) -> TrackFacts:
    year = _YEAR.match((row.get("year") or row.get("decade") or "").strip())
    length_ms = _number(row, "duration_ms")
    msd_id = row.get("msd_id", "")
    own_id = row.get("spotify_id", "")
    return TrackFacts(
        key=f"msd:{msd_id}" if _MSD_ID.fullmatch(msd_id) else f"spotify:{own_id.rsplit(':', 1)[-1]}",
        artist=_name(row, "artist"),
        title=_name(row, "track"),
        year=int(year[0]) if year else None,
        duration_ms=round(length_ms) if length_ms and length_ms > 0 else None,
        genres=tuple(genre.casefold() for genre in [row.get("genres", "").strip()] if genre),
        popularity=_popularity(row, has_charts),
        labels=_shares(row),
        origin="provider",
        audio=tuple(_feature(row, name) for name in AUDIO_INPUTS),
    )


def _artist(row: Row) -> TrackFacts | None:
    count = _number(row, "tracks_count") or 0
    if count < _LEAST_ARTIST_TRACKS:
        return None
    return TrackFacts("", artist=_name(row, "artist"), labels=_shares(row), origin="artist_mean")


def _popularity(row: Row, has_charts: bool) -> int:
    """Read popularity of 0 to 100, or whether a track was in the charts."""
    if has_charts and row.get("charted", "").strip() in ("0", "1"):
        return _CHARTED_STEP if row["charted"].strip() == "1" else _UNCHARTED_STEP
    percent = _number(row, "popularity") or 0
    return round(min(max(percent, 0), 100) / 100 * (POPULARITY_STEPS - 1))


def _shares(row: Row) -> dict[str, float]:
    values = {target: _feature(row, target) for target in REGRESSIONS}
    return {target: value for target, value in values.items() if value is not None}


def _feature(row: Row, name: str) -> float | None:
    value = _number(row, name)
    least, most = _LIMITS[name]
    if value is not None and not (least or 0) <= value <= (1 if most is None else most):
        msg = f"{name} is not within {least} and {most}"
        raise _BadRowError(msg)
    return value


def _number(row: Row, name: str) -> float | None:
    cell = (row.get(name) or "").strip()
    if not cell:
        return None
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        msg = f"{name} is not a number"
        raise _BadRowError(msg)
    return value


def _name(row: Row, name: str) -> str:
    cell = row.get(name, "").strip()
    if not cell:
        msg = f"{name} is empty"
        raise _BadRowError(msg)
    return cell
