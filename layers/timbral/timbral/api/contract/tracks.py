"""Tracks as clients get them: plain dictionaries, since an answer has many and making objects costs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal, NotRequired, cast
from urllib.parse import quote

from pydantic import Field
from typing_extensions import TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.api.answers.reasons import Recommended, Why
    from timbral.recommender.release.view import TrackCard

DIGITS = 4
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
    tags: Annotated[list[str], Field(description="What it shares with them, or with the question.")]


class Track(TypedDict):
    """A track."""

    track_id: Annotated[str, Field(examples=["3f2a9c0d5b7e41868c0f5f0b9a1d2e4c"])]
    title: str
    artist: str
    artist_id: str
    album: str | None
    year: int | None
    genres: Annotated[list[str], Field(description="The main one first.")]
    tags: Annotated[list[str], Field(description="The heaviest first.")]
    moods: Annotated[list[str], Field(description="The surest first.")]
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
    _, track_id, title, artist, artist_id, album, year, genres, tags, moods, *_, spotify_id = card
    return {
        "track_id": track_id,
        "title": title,
        "artist": artist,
        "artist_id": artist_id,
        "album": album,
        "year": year,
        "genres": list(genres),
        "tags": list(tags),
        "moods": list(moods),
        "energy": round(card.energy, DIGITS),
        "valence": round(card.valence, DIGITS),
        "mood_confidence": card.mood_confidence,
        "popularity": round(card.popularity, DIGITS),
        "links": {
            "similar": f"/recs/track/{track_id}",
            "lastfm": f"https://www.last.fm/music/{_quoted(artist)}/_/{_quoted(title)}",
            "spotify": f"https://open.spotify.com/track/{_quoted(spotify_id)}" if spotify_id else None,
        },
    }


def chosen(tracks: Sequence[Recommended]) -> list[RecommendedTrack]:
    """Put recommendations into the contract's shape; a reason that several share is put so once."""
    reasons = {id(track.why): reason(track.why) for track in tracks}
    found = []
    for card, score, why, in_library in tracks:
        track = cast("RecommendedTrack", shown(card))
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
    return {"rule": why.rule, "text": why.text, "tracks": cited, "tags": list(why.tags)}


@lru_cache(maxsize=QUOTED_NAMES)
def _quoted(name: str) -> str:
    plain = name.replace(" ", "")
    if plain.isascii() and plain.isalnum():
        return name.replace(" ", "%20")
    return quote(name, safe="", errors="replace")
