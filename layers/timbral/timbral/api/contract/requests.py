"""What clients may send."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from timbral.api.answers.wishes import AutofillWish, Exclusion, Method, Window
from timbral.api.contract.fields import (
    MOST_CONDITIONS,
    Conditions,
    Cursor,
    Genre,
    Limit,
    Mood,
    PlaylistId,
    Query,
    Strict,
    TrackId,
)
from timbral.api.keeping import Event
from timbral.tables.api import EventKind, Place
from timbral.tables.columns import LAST_UTS

MOST_SEEDS = 100
MOST_EXCLUDED = 1_000
MOST_FILLED = 200
MOST_EVENTS = 200
MIN_UTS = 1_009_843_200


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
    rerank: bool = Field(
        default=False,
        strict=True,
        description="Whether the best 100 are put in order anew; by what, `rerank_by` says.",
    )
    rerank_by: Literal["taste", "text"] = Field(
        "taste",
        description=(
            "Counts with `rerank` only. `taste`: by what the listener likes, too. `text`: by how well each "
            "track answers the query, read together with it; refused where no cross-encoder is in use."
        ),
    )
    limit: Limit = 20
    cursor: Cursor | None = None


class OnboardingQuery(Strict):
    """How much to choose from."""

    limit: int = Field(24, ge=1, le=50, description="Genres to offer at most.")
    samples: int = Field(4, ge=1, le=10, description="Sample tracks a genre at most.")
    cursor: Cursor | None = None


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
    cursor: Cursor | None = None

    @model_validator(mode="after")
    def _something_picked(self) -> Self:
        if not self.track_ids and not self.genres:
            msg = "pick at least one track or genre"
            raise ValueError(msg)
        return self


class TasteQuery(Strict):
    """What a taste summary can be asked."""

    window: Window = Field(
        "all", description="The 7, 30 or 90 days before the newest play that is known, or all plays."
    )
    limit: int = Field(10, ge=1, le=50, description="Genres, artists and moods to list at most.")
    cursor: Cursor | None = None


class FeedbackEvent(Strict):
    """What the listener did with a track."""

    event_id: str = Field(
        pattern=r"^[0-9A-Za-z_-]{1,64}$",
        description="The client's own name of it: sent again, it counts once.",
    )
    kind: EventKind = Field(description="What they did.")
    track_id: TrackId
    at_uts: int = Field(
        ge=MIN_UTS, le=LAST_UTS, description="When, in Unix seconds.", examples=[1_772_000_000]
    )
    played_s: float | None = Field(None, ge=0, le=86_400, description="For plays: how long, in seconds.")
    shown_in: Place = Field("elsewhere", description="Where they were shown it.")
    release: str | None = Field(
        None, pattern=r"^[0-9A-Za-z_-]{1,64}$", description="The `X-Timbral-Release` of that answer."
    )

    @model_validator(mode="after")
    def _plays_have_a_length(self) -> Self:
        if (self.kind == "play") != (self.played_s is not None):
            msg = "played_s must be given for plays, and for nothing else"
            raise ValueError(msg)
        return self

    def as_event(self) -> Event:
        """Return the event as it is kept."""
        return Event(**self.model_dump())


class FeedbackRequest(Strict):
    """What the listener did, in any order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "events": [
                        {
                            "event_id": "7c1d",
                            "kind": "play",
                            "track_id": "3f2a9c0d5b7e41868c0f5f0b9a1d2e4c",
                            "at_uts": 1_772_000_000,
                            "played_s": 200,
                            "shown_in": "for_you",
                        }
                    ]
                }
            ]
        }
    )

    events: list[FeedbackEvent] = Field(min_length=1, max_length=MOST_EVENTS, description="Each id once.")

    @model_validator(mode="after")
    def _ids_once(self) -> Self:
        if len({event.event_id for event in self.events}) < len(self.events):
            msg = "events must not name an event_id twice"
            raise ValueError(msg)
        return self


class GraphqlRequest(Strict):
    """A GraphQL request."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"query": "{ listener { taste { genres { name share } } recommendations { title } } }"}
            ]
        }
    )

    query: str = Field(min_length=1, max_length=10_000, description="A query; there are no mutations.")
    variables: dict[str, Any] | None = Field(None, max_length=100, description="Its variables.")
    operationName: str | None = Field(  # noqa: N815  the protocol's own name
        None, max_length=100, description="Which of its operations, if it has several."
    )


class ExportQuery(Strict):
    """How much to take out at once."""

    limit: int = Field(500, ge=1, le=1_000, description="Rows and documents at most.")
    cursor: Cursor | None = None


class Exclude(Strict):
    """What must not be on the list, beside the seeds."""

    track_ids: list[TrackId] = Field([], max_length=MOST_EXCLUDED, description="Tracks.")
    artist_ids: list[TrackId] = Field([], max_length=MOST_EXCLUDED, description="Artists.")
    genres: list[Genre] = Field([], max_length=MOST_CONDITIONS, description="Genres, in any case.")
    moods: list[Mood] = Field([], max_length=6, description="Moods.")
    library: bool = Field(default=True, description="Whether the listener's own tracks stay off.")


class PlaylistAddition(Strict):
    """Tracks for the end of a playlist at Spotify."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"track_ids": ["3f2a9c0d5b7e41868c0f5f0b9a1d2e4c"]}]}
    )

    track_ids: Annotated[list[TrackId], AfterValidator(each_once)] = Field(
        min_length=1, max_length=MOST_EXCLUDED, description="Tracks in their order, none twice."
    )


class AutofillRequest(Strict):
    """A playlist to finish."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"seeds": ["3f2a9c0d5b7e41868c0f5f0b9a1d2e4c"], "k": 30, "mmr_lambda": 0.3, "artist_cap": 2}
            ]
        }
    )

    seeds: Annotated[list[TrackId], AfterValidator(each_once), Field(min_length=1)] | None = Field(
        None, max_length=MOST_SEEDS, description="Tracks of the playlist, none twice."
    )
    spotify_playlist: PlaylistId | None = Field(
        None, description="In place of seeds: a playlist at Spotify that the listener may see."
    )
    k: int = Field(50, ge=1, le=MOST_FILLED, description="How many tracks to add at most.", examples=[50])
    limit: int = Field(MOST_FILLED, ge=1, le=MOST_FILLED, description="How many of them to return at once.")
    cursor: Cursor | None = None
    mmr_lambda: float = Field(
        0.3, ge=0, le=1, description="Weight of diversity: 0 is the most alike.", examples=[0.3]
    )
    artist_cap: int = Field(2, ge=1, le=MOST_FILLED, description="Tracks by one artist at most.")
    include: Conditions = Field(Conditions(), description="What tracks must be.")
    exclude: Exclude = Field(Exclude(), description="What they must not be.")
    method: Method = Field(
        "votes", description="Whether each seed votes, or tracks near the middle of all seeds are taken."
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.seeds is None) == (self.spotify_playlist is None):
            msg = "send either seeds or spotify_playlist"
            raise ValueError(msg)
        return self

    def as_wish(self, seeds: Sequence[str]) -> AutofillWish:
        """Return the request as the decision takes it.

        Args:
            seeds: Those of the request, or what is on its playlist.
        """
        return AutofillWish(
            seeds=tuple(seeds),
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
