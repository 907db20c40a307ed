"""Moods of tracks that need not be in any release: what operators may ask, and what they get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from timbral.api.contract.fields import (
    EARLIEST_YEAR,
    Genre,
    Mood,
    Strict,
    without_controls,
)
from timbral.tables.columns import YEAR

if TYPE_CHECKING:
    from timbral.mood.tracks import KnownTrack, TrackMood

MOST_TRACKS = 50
MOST_TAGS = 100
MOST_SNIPPETS = 10
DIGITS = 4

Name = Annotated[str, AfterValidator(without_controls), Field(min_length=1, max_length=300)]
Weight = Annotated[float, Field(ge=0, le=1_000_000_000)]


def without_nulls(text: str) -> str:
    """Refuse null characters and lone surrogates; prose may have line breaks.

    Raises:
        ValueError: There is one of them.
    """
    if any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in text):
        msg = "must not have null characters or lone surrogates"
        raise ValueError(msg)
    return text


Prose = Annotated[str, AfterValidator(without_nulls), Field(json_schema_extra={"pattern": "^[^\\u0000]*$"})]


class TrackFacts(Strict):
    """What is known of a track; anything may be missing."""

    tags: dict[Genre, Weight] = Field(
        {}, max_length=MOST_TAGS, description="Weights of any scale, by tag, spelled anyhow."
    )
    genres: list[Genre] = Field([], max_length=20, description="The main one first.")
    year: int | None = Field(
        None, ge=EARLIEST_YEAR, le=int(YEAR.maximum or 0), description="Year of release."
    )
    popularity: int = Field(0, ge=0, le=10**12, description="How many people play it.")
    duration_ms: int | None = Field(None, ge=1, le=10**9, description="Length.")
    title: Name | None = None
    artist: Name | None = None
    album: Name | None = None
    album_description: Annotated[Prose, Field(max_length=5_000)] | None = Field(
        None, description="What the album is, in prose."
    )
    review_snippets: list[Annotated[Prose, Field(max_length=1_000)]] = Field(
        [], max_length=MOST_SNIPPETS, description="What reviewers wrote of the album."
    )

    def as_known(self) -> KnownTrack:
        """Return the facts as the model's way in takes them."""
        from timbral.mood.tracks import KnownTrack  # noqa: PLC0415  numpy comes with it

        facts = self.model_dump(exclude={"popularity"})
        return KnownTrack(**facts, listeners_count=self.popularity)


class MoodRequest(Strict):
    """Tracks whose moods are asked for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "tracks": [
                        {"tags": {"dream pop": 100, "hazy": 40}, "genres": ["shoegaze"], "year": 1993},
                        {"genres": ["metal"]},
                    ]
                }
            ]
        }
    )

    tracks: list[TrackFacts] = Field(min_length=1, max_length=MOST_TRACKS, description="The tracks.")


class PredictedMood(BaseModel):
    """How a track feels."""

    energy: float = Field(ge=0, le=1, description="0 (still) to 1 (furious).")
    valence: float = Field(ge=0, le=1, description="0 (despair) to 1 (delight).")
    moods: list[Mood] = Field(description="Those that hold, the surest first.")
    shares: dict[str, float] = Field(description="How likely each of the six is, 0 to 1.")
    mood_confidence: Literal["high", "medium", "low"] = Field(
        description="How much there was to go on; of a genre alone, or of nothing, `low`."
    )

    @classmethod
    def of(cls, mood: TrackMood) -> Self:
        """Put a prediction into the contract's shape."""
        return cls(
            energy=round(mood.energy, DIGITS),
            valence=round(mood.valence, DIGITS),
            moods=mood.moods,
            shares={name: round(share, DIGITS) for name, share in mood.shares.items()},
            mood_confidence=mood.confidence,
        )


class Predicted(BaseModel):
    """How tracks feel, by the model that is in use."""

    model: str = Field(description="Which version of the model.")
    moods: list[PredictedMood] = Field(description="One a track, in the order of the question.")
