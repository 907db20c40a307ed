"""One listener's plays as the services export them."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from timbral.sample.listeners import Play

# Not strftime's %b, which speaks the locale's language.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SHORTEST_MS, _LENGTHS_MS = 150_000, 180_000


def lastfm_csv(plays: Sequence[Play], _now_uts: int) -> str:
    """Write the common Last.fm export: eight columns with empty ids, newest first."""
    header = ("uts", "utc_time", "artist", "artist_mbid", "album", "album_mbid", "track", "track_mbid")
    rows = (
        (play.uts, _lastfm_time(play.uts), play.artist, "", play.album, "", play.track, "")
        for play in reversed(plays)
    )
    return csv_text(header, rows)


def lastfm_minutes_csv(plays: Sequence[Play], _now_uts: int) -> str:
    """Write the Last.fm dialect that has a time to the minute and nothing else, newest first."""
    header = ("utc_time", "artist", "album", "track")
    return csv_text(
        header, ((_lastfm_time(play.uts), play.artist, play.album, play.track) for play in reversed(plays))
    )


def spotify_json(plays: Sequence[Play], _now_uts: int) -> str:
    """Write Spotify's StreamingHistory: when each stream ended, to the minute, and how long it ran."""
    return _json_text([_stream(play) for play in plays]) + "\n"


def listenbrainz_jsonl(plays: Sequence[Play], now_uts: int) -> str:
    """Write ListenBrainz's export: a JSON object per line."""
    return "".join(_json_text(_listen(play, now_uts), indent=None) + "\n" for play in plays)


def plain_csv(plays: Iterable[Play]) -> str:
    """Write listener, artist, track, album and Unix time."""
    header = ("listener", "artist", "track", "album", "uts")
    return csv_text(
        header, ((play.listener, play.artist, play.track, play.album, play.uts) for play in plays)
    )


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return CSV with a header, quoted where needed, lines ending in a line feed."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _lastfm_time(uts: int) -> str:
    at = datetime.fromtimestamp(uts, UTC)
    return f"{at.day:02d} {_MONTHS[at.month - 1]} {at.year}, {at.hour:02d}:{at.minute:02d}"


def _stream(play: Play) -> dict[str, Any]:
    played_ms = _SHORTEST_MS + play.uts * 37 % _LENGTHS_MS  # some length that the play itself settles
    ended = datetime.fromtimestamp(play.uts + played_ms // 1000, UTC)
    return {
        "endTime": f"{ended:%Y-%m-%d %H:%M}",
        "artistName": play.artist,
        "trackName": play.track,
        "msPlayed": played_ms,
    }


def _listen(play: Play, now_uts: int) -> dict[str, Any]:
    return {
        "inserted_at": now_uts,
        "listened_at": play.uts,
        "user_name": play.listener,
        "track_metadata": {
            "artist_name": play.artist,
            "track_name": play.track,
            "release_name": play.album,
            "additional_info": {"submission_client": "sample"},
        },
    }


def _json_text(value: Any, indent: int | None = 2) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)
