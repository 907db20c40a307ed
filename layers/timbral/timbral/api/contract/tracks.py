"""Tracks as clients get them: plain dictionaries, since an answer has many and making objects costs."""

from __future__ import annotations

from collections.abc import Sequence  # noqa: TC003  pydantic reads the annotation
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired
from urllib.parse import quote

from pydantic import Field
from typing_extensions import TypedDict

from timbral.recommender.release.view import DIGITS

if TYPE_CHECKING:
    from timbral.api.answers.reasons import Recommended, Why
    from timbral.recommender.release.view import TrackCard

LASTFM = "https://www.last.fm/music/"
QUOTED_NAMES = 50_000


class Links(TypedDict):
    """Where to go with a track."""

    similar: Annotated[str, Field(description="This API's tracks like it.")]
    lastfm: Annotated[str, Field(description="Its page at Last.fm.")]
    spotify: NotRequired[Annotated[str | None, Field(description="Its page at Spotify, if known.")]]


class CitedTrack(TypedDict):
    """A track named as a reason."""

    track_id: str
    title: str
    artist: str


class Reason(TypedDict):
    """Why a track is there."""

    rule: Annotated[str, Field(description="Stable name of the rule that brought it.", examples=["for_you"])]
    text: Annotated[str, Field(description="The reason in a sentence, for people.")]
    tracks: Annotated[
        list[CitedTrack], Field(description="The listener's tracks, or the seeds, that speak for it.")
    ]
    tags: Annotated[Sequence[str], Field(description="What it shares with them, or with the question.")]


class Track(TypedDict):
    """A track."""

    track_id: Annotated[str, Field(examples=["3f2a9c0d5b7e41868c0f5f0b9a1d2e4c"])]
    title: str
    artist: str
    artist_id: str
    album: str | None
    year: int | None
    genres: Annotated[Sequence[str], Field(description="The main one first.")]
    tags: Annotated[Sequence[str], Field(description="The heaviest first.")]
    moods: Annotated[Sequence[str], Field(description="The surest first.")]
    energy: Annotated[float, Field(description="0 (still) to 1 (furious).")]
    valence: Annotated[float, Field(description="0 (despair) to 1 (delight).")]
    mood_confidence: Annotated[Literal["high", "medium", "low"], Field(description="How sure its moods are.")]
    popularity: Annotated[float, Field(description="Share of all tracks that fewer people play, 0 to 1.")]
    links: Links


class RecommendedTrack(Track):
    """A track in an answer, with its score and its reason."""

    score: Annotated[float, Field(description="Higher is better; comparable within one list only.")]
    in_library: Annotated[bool, Field(description="Whether the listener has played it.")]
    why: Reason


def shown(card: TrackCard) -> Track:
    """Put a track into the contract's shape."""
    (
        _,
        track_id,
        title,
        artist,
        artist_id,
        album,
        year,
        genres,
        tags,
        moods,
        energy,
        valence,
        confidence,
        popularity,
        spotify_id,
    ) = card
    return {
        "track_id": track_id,
        "title": title,
        "artist": artist,
        "artist_id": artist_id,
        "album": album,
        "year": year,
        "genres": genres,
        "tags": tags,
        "moods": moods,
        "energy": energy,
        "valence": valence,
        "mood_confidence": confidence,
        "popularity": popularity,
        "links": {
            "similar": f"/recs/track/{track_id}",
            "lastfm": _lastfm_page(artist, title),
            "spotify": f"https://open.spotify.com/track/{_quoted(spotify_id)}" if spotify_id else None,
        },
    }


def chosen(tracks: Sequence[Recommended]) -> list[RecommendedTrack]:
    """Put recommendations into the contract's shape; a reason that several share is put so once."""
    reasons: dict[int, Reason] = {}
    found: list[RecommendedTrack] = []
    for card, score, why, in_library in tracks:
        if id(why) not in reasons:
            reasons[id(why)] = reason(why)
        track: Any = shown(card)
        track["score"] = round(score, DIGITS)
        track["in_library"] = in_library
        track["why"] = reasons[id(why)]
        found.append(track)
    return found


def reason(why: Why) -> Reason:
    """Put a reason into the contract's shape."""
    cited: list[CitedTrack] = [
        {"track_id": card.track_id, "title": card.title, "artist": card.artist} for card in why.tracks
    ]
    return {"rule": why.rule, "text": why.text, "tracks": cited, "tags": why.tags}


def _lastfm_page(artist: str, title: str) -> str:
    if _is_plain(artist + title):
        return f"{LASTFM}{artist}/_/{title}".replace(" ", "%20")
    return f"{LASTFM}{_quoted(artist)}/_/{_quoted(title)}"


def _is_plain(name: str) -> bool:
    """Return whether only the spaces of a name must be quoted in an address, as with most."""
    signs = name.replace(" ", "")
    return signs.isascii() and signs.isalnum()


@lru_cache(maxsize=QUOTED_NAMES)
def _quoted(name: str) -> str:
    return quote(name, safe="", errors="replace")
