"""Spotify's answers into rows of ``tracks_spotify`` and ``audio_features_spotify``.

Every field but name, id and artist may be missing: popularity and ISRC are since February 2026, and
playlists hold episodes, local files and tracks that were taken down.

Source: https://developer.spotify.com/documentation/web-api/reference/get-track, get-audio-features,
get-users-top-artists-and-tracks, get-playlists-items
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from timbral.raw.answers.reading import Landing, rows_of
from timbral.tables.columns import AUDIO_FEATURES
from timbral.tables.raw import AUDIO_FEATURES_SPOTIFY, TRACKS_SPOTIFY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from timbral.raw.answers.envelope import StoredAnswer
    from timbral.raw.answers.reading import Fetch

SOURCE = "spotify"


def read_match(answer: StoredAnswer, _fetch: Fetch) -> Sequence[Landing]:
    """Read what was chosen among a search's results: ``track`` and its artist's ``genres``."""
    value = answer.value if isinstance(answer.value, dict) else {}
    genres = [genre for genre in value.get("genres") or () if isinstance(genre, str)]
    return _tracks([value.get("track")], answer, genres or None)


def read_page(answer: StoredAnswer, _fetch: Fetch) -> Sequence[Landing]:
    """Read a page of tracks: a listener's top tracks, or what is on a playlist, in either shape."""
    return _tracks(page_items(answer.value), answer, None)


def read_audio_features(answer: StoredAnswer, _fetch: Fetch) -> Sequence[Landing]:
    """Read a track's audio features."""
    value = answer.value if isinstance(answer.value, dict) else {}
    features = {column.name: _number(value.get(column.name)) for column in AUDIO_FEATURES}
    row = {"spotify_id": answer.asked.params["id"], **features, **_stamp(answer)}
    return [Landing(AUDIO_FEATURES_SPOTIFY, rows_of(AUDIO_FEATURES_SPOTIFY, [row]))]


def page_items(page: Any) -> list[dict[str, Any]]:
    """Return the tracks of a page, whatever wraps them: ``item`` since February 2026, ``track`` before."""
    items = page.get("items") if isinstance(page, dict) else None
    found = (_unwrapped(item) for item in (items if isinstance(items, list) else ()))
    return [item for item in found if is_track(item)]


def _unwrapped(item: Any) -> Any:
    if not isinstance(item, dict) or "artists" in item:
        return item
    return item.get("item") or item.get("track")


def is_track(item: Any) -> bool:
    """Say whether an item is a track of the catalogue, and no episode, local file or hole."""
    return (
        isinstance(item, dict)
        and item.get("type", "track") == "track"
        and not item.get("is_local")
        and isinstance(item.get("id"), str)
        and bool(first_artist(item))
        and isinstance(item.get("name"), str)
    )


def first_artist(item: dict[str, Any]) -> str:
    """Return the name of a track's first artist; empty if it has none."""
    for artist in item.get("artists") or ():
        if isinstance(artist, dict) and isinstance(artist.get("name"), str):
            return str(artist["name"])
    return ""


def _tracks(items: Iterable[Any], answer: StoredAnswer, genres: list[str] | None) -> Sequence[Landing]:
    records = {item["id"]: _record(item, answer, genres) for item in items if is_track(item)}
    return [Landing(TRACKS_SPOTIFY, rows_of(TRACKS_SPOTIFY, list(records.values())))]


def _record(item: dict[str, Any], answer: StoredAnswer, genres: list[str] | None) -> dict[str, Any]:
    album, ids = _object(item.get("album")), _object(item.get("external_ids"))
    return {
        "spotify_id": item["id"],
        "artist": first_artist(item),
        "track": item["name"],
        "album": _text(album.get("name")),
        "genres": genres,
        "year": _year(album.get("release_date")),
        "duration_ms": _whole(item.get("duration_ms")) or None,
        "isrc": _text(ids.get("isrc")),
        "popularity": _whole(item.get("popularity")),
        **_stamp(answer),
    }


def _stamp(answer: StoredAnswer) -> dict[str, Any]:
    return {"source": SOURCE, "observed_at_uts": answer.asked.observed_at_uts}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return round(number) if number is not None and abs(number) < 1 << 62 else None


def _year(date: Any) -> int | None:
    text = date[:4] if isinstance(date, str) else ""
    return int(text) if text.isascii() and text.isdigit() and int(text) else None
