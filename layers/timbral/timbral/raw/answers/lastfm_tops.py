"""What a listener played most, and their library: rows of ``user_tracks_raw`` and ``user_artists_raw``.

Counts say again what scrobbles say; whoever reads both takes the larger, never the sum.

Source: https://www.last.fm/api/show/user.getTopTracks, https://www.last.fm/api/show/user.getTopArtists
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from timbral.raw.answers.lastfm_values import items, text, whole
from timbral.raw.answers.reading import Landing, rows_of
from timbral.raw.cells import mbids
from timbral.tables.raw import USER_ARTISTS_RAW, USER_TRACKS_RAW

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from timbral.raw.answers.envelope import StoredAnswer
    from timbral.raw.answers.reading import Fetch
    from timbral.tables.declaration import Table

SOURCE = "lastfm-counts"


def read_top_tracks(answer: StoredAnswer, _fetch: Fetch) -> Sequence[Landing]:
    """Read ``user.getTopTracks``."""
    return [_tracks(answer, "toptracks")]


def read_library_tracks(answer: StoredAnswer, _fetch: Fetch) -> Sequence[Landing]:
    """Read ``library.getTracks``."""
    return [_tracks(answer, "tracks")]


def read_top_artists(answer: StoredAnswer, _fetch: Fetch) -> Sequence[Landing]:
    """Read ``user.getTopArtists``."""
    records = [
        _common(answer, item) | {"artist": text(item.get("name")), "artist_mbid": item.get("mbid")}
        for item in items(_block(answer, "topartists"), "artist")
    ]
    return [Landing(USER_ARTISTS_RAW, _checked(USER_ARTISTS_RAW, records, ("artist_mbid",)))]


def _tracks(answer: StoredAnswer, root: str) -> Landing:
    records = []
    for item in items(_block(answer, root), "track"):
        artist = item.get("artist")
        names = {"artist": text(artist), "track": text(item.get("name")), "track_mbid": item.get("mbid")}
        by = {"artist_mbid": artist.get("mbid") if isinstance(artist, dict) else None}
        if names["artist"] and names["track"]:
            records.append(_common(answer, item) | names | by)
    return Landing(USER_TRACKS_RAW, _checked(USER_TRACKS_RAW, records, ("artist_mbid", "track_mbid")))


def _block(answer: StoredAnswer, root: str) -> Any:
    return answer.value.get(root) if isinstance(answer.value, dict) else None


def _common(answer: StoredAnswer, item: dict[str, Any]) -> dict[str, Any]:
    return {
        "listener_id": answer.asked.listener_id,
        "plays_count": whole(item.get("playcount")) or 1,
        "source": SOURCE,
        "observed_at_uts": answer.asked.observed_at_uts,
    }


def _checked(table: Table, records: list[dict[str, Any]], ids: Sequence[str]) -> pa.Table:
    for record in records:
        record |= {name: record[name] if isinstance(record.get(name), str) else "" for name in ids}
    rows = rows_of(table, records)
    for name in ids:
        at = rows.column_names.index(name)
        rows = rows.set_column(at, name, mbids(rows.column(name).combine_chunks()))
    return rows
