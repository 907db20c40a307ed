"""What clients may send."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from timbral.api.answers.wishes import AutofillWish, Exclusion, Method
from timbral.api.contract.fields import (
    MOST_CONDITIONS,
    Conditions,
    Cursor,
    Genre,
    Limit,
    Mood,
    Query,
    Strict,
    TrackId,
)

MOST_SEEDS = 100
MOST_EXCLUDED = 1_000
MOST_FILLED = 200


def each_once(ids: list[str]) -> list[str]:
    """Refuse a list that names something twice.

    Raises:
        ValueError: It does.
    """
    if len(set(ids)) < len(ids):
        msg = "must not name a track twice"
        raise ValueError(msg)
    return ids


class HomeQuery(Strict):
    """What the home page can be asked."""

    discovery: float = Field(
        0.5, ge=0, le=1, description="From familiar (0) to adventurous (1).", examples=[0.5]
    )
    limit: int = Field(12, ge=1, le=50, description="Tracks a carousel, or a mix, at most.", examples=[12])
    cursor: Cursor | None = None


class SimilarQuery(Conditions):
    """What similar tracks can be asked."""

    limit: Limit = 20
    cursor: Cursor | None = None


class SearchRequest(Strict):
    """A search."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"query": "dreamy guitars for a rainy night", "filters": {"year_from": 1985}, "limit": 20}
            ]
        }
    )

    query: Query
    filters: Conditions = Field(Conditions(), description="Which tracks count.")
    limit: Limit = 20
    cursor: Cursor | None = None


class OnboardingQuery(Strict):
    """How much to choose from."""

    limit: int = Field(24, ge=1, le=50, description="Genres to offer at most.")
    samples: int = Field(4, ge=1, le=10, description="Sample tracks a genre at most.")


class Picks(Strict):
    """What somebody new likes: tracks, genres or both."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"genres": ["shoegaze", "trip hop"], "limit": 20}]}
    )

    track_ids: Annotated[list[TrackId], AfterValidator(each_once)] = Field(
        [], max_length=MOST_SEEDS, description="Tracks, none twice."
    )
    genres: list[Genre] = Field([], max_length=MOST_CONDITIONS, description="Genres, in any case.")
    limit: Limit = 20

    @model_validator(mode="after")
    def _something_picked(self) -> Self:
        if not self.track_ids and not self.genres:
            msg = "pick at least one track or genre"
            raise ValueError(msg)
        return self


class TasteQuery(Strict):
    """What a taste summary can be asked."""

    window: Literal["90d", "all"] = Field(
        "all", description="The 90 days before the newest play that is known, or all plays."
    )
    limit: int = Field(10, ge=1, le=50, description="Genres, artists and moods to list at most.")


class Exclude(Strict):
    """What must not be on the list, beside the seeds."""

    track_ids: list[TrackId] = Field([], max_length=MOST_EXCLUDED, description="Tracks.")
    artist_ids: list[TrackId] = Field([], max_length=MOST_EXCLUDED, description="Artists.")
    genres: list[Genre] = Field([], max_length=MOST_CONDITIONS, description="Genres, in any case.")
    moods: list[Mood] = Field([], max_length=6, description="Moods.")
    library: bool = Field(default=True, description="Whether the listener's own tracks stay off.")


class AutofillRequest(Strict):
    """A playlist to finish."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"seeds": ["3f2a9c0d5b7e41868c0f5f0b9a1d2e4c"], "k": 30, "mmr_lambda": 0.3, "artist_cap": 2}
            ]
        }
    )

    seeds: Annotated[list[TrackId], AfterValidator(each_once)] = Field(
        min_length=1, max_length=MOST_SEEDS, description="Tracks of the playlist, none twice."
    )
    k: int = Field(50, ge=1, le=MOST_FILLED, description="How many tracks to add at most.", examples=[50])
    mmr_lambda: float = Field(
        0.3, ge=0, le=1, description="Weight of diversity: 0 is the most alike.", examples=[0.3]
    )
    artist_cap: int = Field(2, ge=1, le=MOST_FILLED, description="Tracks by one artist at most.")
    include: Conditions = Field(Conditions(), description="What tracks must be.")
    exclude: Exclude = Field(Exclude(), description="What they must not be.")
    method: Method = Field(
        "votes", description="Whether each seed votes, or tracks near the middle of all seeds are taken."
    )

    def as_wish(self) -> AutofillWish:
        """Return the request as the decision takes it."""
        return AutofillWish(
            seeds=tuple(self.seeds),
            count=self.k,
            diversity=self.mmr_lambda,
            artist_cap=self.artist_cap,
            include=self.include.as_filter(),
            exclude=Exclusion(
                track_ids=tuple(self.exclude.track_ids),
                artist_ids=tuple(self.exclude.artist_ids),
                genres=tuple(self.exclude.genres),
                moods=tuple(self.exclude.moods),
                library=self.exclude.library,
            ),
            method=self.method,
        )
