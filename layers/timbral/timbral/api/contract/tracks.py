"""Tracks as clients get them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal, Self
from urllib.parse import quote

from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from timbral.api.answers.reasons import Recommended, Why
    from timbral.recommender.release.view import TrackCard

DIGITS = 4
QUOTED_NAMES = 50_000


class Links(BaseModel):
    """Where to go with a track."""

    similar: str = Field(description="This API's tracks like it.")
    lastfm: str = Field(description="Its page at Last.fm.")
    spotify: str | None = Field(None, description="Its page at Spotify, if known.")


class CitedTrack(BaseModel):
    """A track named as a reason."""

    track_id: str
    title: str
    artist: str

    @classmethod
    def of(cls, card: TrackCard) -> Self:
        """Cite a track."""
        return cls(track_id=card.track_id, title=card.title, artist=card.artist)


class Reason(BaseModel):
    """Why a track is there."""

    rule: str = Field(description="Stable name of the rule that brought it.", examples=["for_you"])
    text: str = Field(description="The reason in a sentence, for people.")
    tracks: list[CitedTrack] = Field(description="The listener's tracks, or the seeds, that speak for it.")
    tags: list[str] = Field(description="What it shares with them, or with the question.")

    @classmethod
    def of(cls, why: Why) -> Self:
        """Put a reason into the contract's shape."""
        cited = [CitedTrack.of(card) for card in why.tracks]
        return cls(rule=why.rule, text=why.text, tracks=cited, tags=list(why.tags))


class Track(BaseModel):
    """A track."""

    track_id: str = Field(examples=["3f2a9c0d5b7e41868c0f5f0b9a1d2e4c"])
    title: str
    artist: str
    artist_id: str
    album: str | None
    year: int | None
    genres: list[str] = Field(description="The main one first.")
    tags: list[str] = Field(description="The heaviest first.")
    moods: list[str] = Field(description="The surest first.")
    energy: float = Field(description="0 (still) to 1 (furious).")
    valence: float = Field(description="0 (despair) to 1 (delight).")
    mood_confidence: Literal["high", "medium", "low"] = Field(description="How sure its moods are.")
    popularity: float = Field(description="Share of all tracks that fewer people play, 0 to 1.")
    links: Links

    @classmethod
    def of(cls, card: TrackCard) -> Self:
        """Put a track into the contract's shape."""
        return cls(**_facts(card))


class RecommendedTrack(Track):
    """A track in an answer, with its score and its reason."""

    score: float = Field(description="Higher is better; comparable within one list only.")
    in_library: bool = Field(description="Whether the listener has played it.")
    why: Reason

    @classmethod
    def chosen(cls, recommended: Recommended) -> Self:
        """Put a recommendation into the contract's shape."""
        return cls(
            **_facts(recommended.card),
            score=round(recommended.score, DIGITS),
            in_library=recommended.in_library,
            why=Reason.of(recommended.why),
        )


def _facts(card: TrackCard) -> dict[str, object]:
    return {
        "track_id": card.track_id,
        "title": card.title,
        "artist": card.artist,
        "artist_id": card.artist_id,
        "album": card.album,
        "year": card.year,
        "genres": list(card.genres),
        "tags": list(card.tags),
        "moods": list(card.moods),
        "energy": round(card.energy, DIGITS),
        "valence": round(card.valence, DIGITS),
        "mood_confidence": card.mood_confidence,
        "popularity": round(card.popularity, DIGITS),
        "links": _links(card),
    }


def _links(card: TrackCard) -> Links:
    spotify = f"https://open.spotify.com/track/{_quoted(card.spotify_id)}" if card.spotify_id else None
    return Links(
        similar=f"/recs/track/{card.track_id}",
        lastfm=f"https://www.last.fm/music/{_quoted(card.artist)}/_/{_quoted(card.title)}",
        spotify=spotify,
    )


@lru_cache(maxsize=QUOTED_NAMES)
def _quoted(name: str) -> str:
    plain = name.replace(" ", "")
    if plain.isascii() and plain.isalnum():
        return name.replace(" ", "%20")
    return quote(name, safe="", errors="replace")
