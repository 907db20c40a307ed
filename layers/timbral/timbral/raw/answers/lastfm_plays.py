"""Last.fm's recent tracks: rows of ``user_scrobbles_raw``.

A window of time is walked page by page, and what it holds is known only when all of its pages are there.
So pages are no rows by themselves; a window's own object names them, and what was known of that time
before: what has gone since is taken back by a row that says so.

Source: https://www.last.fm/api/show/user.getRecentTracks
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from timbral.raw.answers.lastfm_values import items, text, whole
from timbral.raw.answers.reading import Landing
from timbral.raw.cells import mbids
from timbral.store.quarantine import Reject, shorten
from timbral.tables.raw import USER_SCROBBLES_RAW

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from timbral.raw.answers.envelope import StoredAnswer
    from timbral.raw.answers.reading import Fetch

SOURCE = "lastfm"
WINDOW = "scrobble_window"
Key = tuple[int, str, str]
"""When, artist, title."""
Facts = tuple[str, str, str, str]
"""Album, and the MusicBrainz ids of artist, album and track; blank where there is none."""
Plays = dict[Key, Facts]


def plays_of(value: Any, where: str = "") -> tuple[Plays, list[Reject]]:
    """Read one page.

    Args:
        value: The answer.
        where: Where it lies, for naming bad rows.

    Returns:
        The plays, and rows that are none; the row of what is playing just now is neither.
    """
    block = value.get("recenttracks") if isinstance(value, dict) else None
    tracks = items(block, "track")
    try:
        return _plain(tracks), []
    except (KeyError, TypeError, ValueError):
        return _careful(tracks, where)


def _plain(tracks: list[dict[str, Any]]) -> Plays:
    """Read rows that are all as they should be; raises where one is not."""
    plays: Plays = {}
    for track in tracks:
        date = track.get("date")
        if date is None and _is_playing(track):
            continue
        artist, album, name = track["artist"], track["album"], track["name"]
        who = artist["#text"]
        if not (who and name):
            raise ValueError
        plays[int(date["uts"]), who, name] = (  # type: ignore[index]  # a row without a date raises here
            album["#text"],
            artist["mbid"],
            album["mbid"],
            track["mbid"],
        )
    return plays


def _is_playing(track: dict[str, Any]) -> bool:
    said = track.get("@attr")
    return isinstance(said, dict) and str(said.get("nowplaying")).lower() == "true"


def _careful(tracks: list[dict[str, Any]], where: str) -> tuple[Plays, list[Reject]]:
    plays: Plays = {}
    rejects = []
    for number, track in enumerate(tracks):
        date = track.get("date")
        uts = whole(date.get("uts")) if isinstance(date, dict) else None
        artist, name = text(track.get("artist")), text(track.get("name"))
        if uts is not None and artist and name:
            plays[uts, artist, name] = (
                text(track.get("album")) or "",
                _mbid(track.get("artist")),
                _mbid(track.get("album")),
                _mbid(track),
            )
        elif not _is_playing(track):
            field = "scrobbled_at_uts" if uts is None else "track" if artist else "artist"
            reason = "is no time" if uts is None else "is empty"
            rejects.append(Reject(f"{where} row {number}", field, reason, "", shorten(repr(track))))
    return plays, rejects


def _mbid(value: Any) -> str:
    found = value.get("mbid") if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def read_window(answer: StoredAnswer, fetch: Fetch) -> Sequence[Landing]:
    """Read a window: what is new or changed in it, and what has gone."""
    plays, rejects = window_plays(answer, fetch)
    before: Plays = {}
    for known in answer.value["before"]:
        window = fetch(known)
        earlier, _ = window_plays(window, fetch)
        before = {key: facts for key, facts in before.items() if not _is_within(key, window.value)}
        before |= {key: facts for key, facts in earlier.items() if _is_within(key, answer.value)}
    if before:
        gone = sorted(before.keys() - plays.keys())
        plays = {key: facts for key, facts in plays.items() if before.get(key) != facts}
    else:
        gone = []
    return [Landing(USER_SCROBBLES_RAW, _rows(answer, plays, gone), rejects)]


def window_plays(answer: StoredAnswer, fetch: Fetch) -> tuple[Plays, list[Reject]]:
    """Return what a window holds."""
    # One page at a time: many parsed pages at once keep the garbage collector busy.
    return plays_within(map(fetch, answer.value["pages"]), answer.value)


def plays_within(pages: Iterable[StoredAnswer], window: dict[str, Any]) -> tuple[Plays, list[Reject]]:
    """Join pages and cut them to a window: whether Last.fm's bounds are within it isn't relied on."""
    plays: Plays = {}
    rejects: list[Reject] = []
    for page in pages:
        found, refused = plays_of(page.value, page.key)
        plays |= found
        rejects += refused
    first, end = window["from_uts"], window["to_uts"]
    if plays and not (first <= min(plays)[0] and max(plays)[0] < end):
        plays = {key: facts for key, facts in plays.items() if first <= key[0] < end}
    return plays, rejects


def _is_within(key: Key, window: dict[str, Any]) -> bool:
    return bool(window["from_uts"] <= key[0] < window["to_uts"])


def _rows(answer: StoredAnswer, plays: Plays, gone: list[Key]) -> pa.Table:
    uts, artists, tracks = _columns([*plays, *gone], 3)
    albums, artist_ids, album_ids, track_ids = _columns(list(plays.values()), 4)
    count = len(plays) + len(gone)
    nothing = [""] * len(gone)

    def optional(values: list[str]) -> pa.Array:
        return pa.array([value or None for value in values + nothing], pa.string())

    return pa.table(
        {
            "listener_id": pa.repeat(pa.scalar(answer.asked.listener_id, pa.string()), count),
            "scrobbled_at_uts": pa.array(uts, pa.int64()),
            "artist": pa.array(artists, pa.string()),
            "track": pa.array(tracks, pa.string()),
            "album": optional(albums),
            "artist_mbid": _ids(artist_ids + nothing),
            "album_mbid": _ids(album_ids + nothing),
            "track_mbid": _ids(track_ids + nothing),
            "was_removed": pa.array([None] * len(plays) + [True] * len(gone), pa.bool_()),
            "source": pa.repeat(SOURCE, count),
            "observed_at_uts": pa.repeat(pa.scalar(answer.asked.observed_at_uts, pa.int64()), count),
        }
    )


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def _ids(cells: list[str]) -> pa.Array:
    return mbids(pa.array(cells, pa.string()))
