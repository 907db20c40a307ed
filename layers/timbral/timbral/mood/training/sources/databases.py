"""The Million Song Dataset's and Last.fm's SQLite files: ``track_metadata.db``, ``lastfm_tags.db``."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from timbral.errors import InvalidInput
from timbral.mood.lexicon import LEAST_MOOD_TAGS, MOOD_OF_TAG
from timbral.mood.training.sources.facts import FileFacts, TrackFacts, heaviest
from timbral.mood.training.sources.songs import FIELDS, read_song

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

MAGIC: Final = b"SQLite format 3\x00"
_SONGS: Final = {"songs": FIELDS}
_TAGS: Final = {"tids": ("tid",), "tags": ("tag",), "tid_tag": ("tid", "tag", "val")}
_IDS_AT_ONCE = 500
_HEAVIEST = 100
_SELECT_SONGS = f"SELECT {', '.join(FIELDS)} FROM songs"  # noqa: S608  declared names
_SELECT_TAGS = """
SELECT tids.tid, tags.tag, tid_tag.val
FROM tid_tag LEFT JOIN tids ON tid_tag.tid = tids.ROWID LEFT JOIN tags ON tid_tag.tag = tags.ROWID
ORDER BY tid_tag.tid
"""


def database_kind(path: Path) -> str | None:
    """Say what a database holds: ``songs``, ``tags``, or None for neither.

    Raises:
        InvalidInput: It can't be read.
    """
    with _opened(path) as database:
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "songs" in tables:
        return "songs"
    return "tags" if tables & _TAGS.keys() else None


def read_track_metadata(path: Path, wanted: Collection[str]) -> FileFacts:
    """Read names, release, length, year and familiarity of some tracks.

    Args:
        path: ``track_metadata.db``.
        wanted: Keys of the tracks; of a million rows few are ever needed.

    Raises:
        InvalidInput: It is no such database.
    """
    found = FileFacts("MSD track metadata")
    ids = sorted(key.removeprefix("msd:") for key in wanted if key.startswith("msd:"))
    with _opened(path) as database:
        _check(database, path, _SONGS)
        for start in range(0, len(ids), _IDS_AT_ONCE):
            some = ids[start : start + _IDS_AT_ONCE]
            marks = ", ".join("?" * len(some))
            query = f"{_SELECT_SONGS} WHERE track_id IN ({marks}) ORDER BY track_id"
            for row in database.execute(query, some):
                found.rows_count += 1
                read_song(found, dict(zip(FIELDS, row, strict=True)))
    return found


def read_lastfm_tags(path: Path, wanted: Collection[str] = ()) -> FileFacts:
    """Read the tags of tracks that have at least three mood tags, or are wanted for their labels.

    Args:
        path: ``lastfm_tags.db``.
        wanted: Keys of labelled tracks.

    Raises:
        InvalidInput: It is no such database.
    """
    found = FileFacts("Last.fm tags of MSD tracks")
    with _opened(path) as database:
        _check(database, path, _TAGS)
        for tid, rows in groupby(database.execute(_SELECT_TAGS), key=lambda row: row[0]):
            weighted = list(_weighted(found, tid, rows))
            tags = heaviest(weighted)
            moods_count = sum(tag in MOOD_OF_TAG for tag, _ in tags)
            if tags and (moods_count >= LEAST_MOOD_TAGS or f"msd:{tid}" in wanted):
                found.tracks.append(TrackFacts(key=f"msd:{tid}", tags=tags))
    return found


def _weighted(found: FileFacts, tid: Any, rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[str, float]]:
    for _, tag, weight in rows:
        found.rows_count += 1
        if not isinstance(tid, str) or not isinstance(tag, str):
            found.bad["tid or tag has a number that its table lacks"] += 1
        elif not isinstance(weight, int | float) or not 0 <= weight <= _HEAVIEST:
            found.bad["val is not within 0 and 100"] += 1
        else:
            yield tag, float(weight)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            yield database
    except sqlite3.Error as error:
        msg = f"{path} can't be read as an SQLite database: {error}"
        raise InvalidInput(msg, "path") from error


def _check(database: sqlite3.Connection, path: Path, needed: Mapping[str, Sequence[str]]) -> None:
    for table, columns in needed.items():
        there = {row[0] for row in database.execute("SELECT name FROM pragma_table_info(?)", (table,))}
        lacking = [name for name in columns if name not in there]
        if lacking:
            msg = f"{path} lacks {', '.join(lacking)} in its table {table!r}"
            raise InvalidInput(msg, "path")
