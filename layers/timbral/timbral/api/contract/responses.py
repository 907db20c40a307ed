"""What clients get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, Field

from timbral.api.answers.wishes import Basis, Window  # noqa: TC001  pydantic reads the annotation
from timbral.api.contract.tracks import RecommendedTrack, Track
from timbral.pulling.jobs import State as JobState  # noqa: TC001  as above

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.api.answers.home import FilledShelf, HomePage
    from timbral.api.answers.reasons import Recommended
    from timbral.api.answers.taste import TasteSummary
    from timbral.pulling.jobs import Job

CarouselName = Literal["for_you", "new_and_hype", "genre_mixes", "mood_mixes", "rediscover"]
TITLES: dict[CarouselName, str] = {
    "for_you": "For You",
    "new_and_hype": "New & Hype",
    "genre_mixes": "Genre Mixes",
    "mood_mixes": "Mood Mixes",
    "rediscover": "Rediscover",
}
NEXT_CURSOR = Field(None, description="Ask again with this for the next page; null on the last.")
RELEASE = Field(description="The release that answered.")


def chosen(tracks: Sequence[Recommended]) -> list[RecommendedTrack]:
    """Put recommendations into the contract's shape."""
    return [RecommendedTrack.chosen(track) for track in tracks]


class Mix(BaseModel):
    """One mix of a carousel of mixes."""

    title: str = Field(description="The genre or the mood.")
    tracks: list[RecommendedTrack]


class Carousel(BaseModel):
    """One carousel: either tracks or mixes; the other list is empty."""

    carousel: CarouselName
    title: str
    tracks: list[RecommendedTrack]
    mixes: list[Mix]

    @classmethod
    def of(cls, name: CarouselName, shelves: Sequence[FilledShelf]) -> Self:
        """Put a carousel into the contract's shape."""
        if name in {"genre_mixes", "mood_mixes"}:
            mixes = [Mix(title=shelf.title, tracks=chosen(shelf.tracks)) for shelf in shelves]
            return cls(carousel=name, title=TITLES[name], tracks=[], mixes=mixes)
        tracks = [track for shelf in shelves for track in chosen(shelf.tracks)]
        return cls(carousel=name, title=TITLES[name], tracks=tracks, mixes=[])


class Home(BaseModel):
    """A home page; no track is on it twice."""

    release: str = RELEASE
    day: str = Field(description="The day that the page is for (UTC).", examples=["2026-03-01"])
    basis: Basis = Field(
        description="What the page was made from: listening history, a provider's top tracks, picks, or what "
        "is popular, for somebody of whom nothing is known."
    )
    newcomer: bool = Field(description="Whether the page was made without any history of the listener's.")
    carousels: list[Carousel] = Field(description="Five, always in the same order.")
    next_cursor: str | None = NEXT_CURSOR

    @classmethod
    def of(cls, page: HomePage, release: str, day: str, basis: Basis, next_cursor: str | None) -> Self:
        """Put a home page into the contract's shape."""
        carousels = [
            Carousel.of(name, [shelf for shelf in page.shelves if shelf.carousel == name]) for name in TITLES
        ]
        return cls(
            release=release,
            day=day,
            basis=basis,
            newcomer=page.newcomer,
            carousels=carousels,
            next_cursor=next_cursor,
        )


class Similar(BaseModel):
    """Tracks like one track."""

    release: str = RELEASE
    seed: Track
    tracks: list[RecommendedTrack] = Field(description="Most similar first.")
    next_cursor: str | None = NEXT_CURSOR


class Found(BaseModel):
    """What a search found."""

    release: str = RELEASE
    tracks: list[RecommendedTrack] = Field(description="Best first.")
    did_you_mean: str | None = Field(description="A known name that the query most likely misspells.")
    next_cursor: str | None = NEXT_CURSOR


class Filled(BaseModel):
    """Tracks to add to a playlist."""

    release: str = RELEASE
    tracks: list[RecommendedTrack] = Field(
        description="In playing order; fewer than asked for if the conditions leave no more."
    )


class OfferedGenre(BaseModel):
    """A genre to pick."""

    genre: str
    tracks_count: int = Field(description="How many tracks there are of it.")
    samples: list[Track] = Field(description="Well-known tracks of it.")


class Onboarding(BaseModel):
    """What somebody new can pick from."""

    release: str = RELEASE
    genres: list[OfferedGenre] = Field(description="Those first that most is played of.")


class FirstTracks(BaseModel):
    """What picks lead to at once."""

    release: str = RELEASE
    tracks: list[RecommendedTrack] = Field(description="Best first.")


class TasteShare(BaseModel):
    """One thing's part of the plays."""

    name: str
    share: float = Field(description="Its part, 0 to 1.")
    plays_count: int
    id: str | None = Field(None, description="The artist's identity, for artists.")


class Taste(BaseModel):
    """What a listener likes within a window."""

    release: str = RELEASE
    window: Window
    known: bool = Field(description="Whether anything is known of the listener.")
    plays_count: int
    tracks_count: int = Field(description="Different tracks among the plays.")
    genres: list[TasteShare] = Field(description="Most played first; a track counts for each of its genres.")
    artists: list[TasteShare] = Field(description="Most played first.")
    moods: list[TasteShare] = Field(description="Most played first; a track counts for each of its moods.")
    mood_distribution: dict[str, float] | None = Field(description="Each mood's part; sums to 1.")
    mainstreaminess: float | None = Field(description="Play-weighted mean popularity, 0 to 1.")
    discovery_rate: float | None = Field(description="Part of the plays that were the first of their track.")
    listening_clock: list[float] = Field(
        description="Each hour's part of all timed plays, from midnight UTC; empty if none is timed."
    )

    @classmethod
    def of(cls, summary: TasteSummary, release: str) -> Self:
        """Put a summary into the contract's shape."""
        shares = {
            part: [TasteShare(**vars(share)) for share in getattr(summary, part)]
            for part in ("genres", "artists", "moods")
        }
        facts = {**vars(summary), **shares, "listening_clock": list(summary.listening_clock)}
        return cls(release=release, **facts)


class Told(BaseModel):
    """What became of events."""

    kept_count: int = Field(description="Events that are kept; one that was kept before counts again.")
    dropped_count: int = Field(description="Events from before the listener was erased.")


class ImportJob(BaseModel):
    """How an import goes."""

    job_id: str
    provider: Literal["lastfm", "spotify"]
    account: str = Field(description="Which account; empty until a token has told.")
    state: JobState = Field(
        description="`waiting`: the provider asked us to come back. `refused`: it won't let us, for good."
    )
    begun_at_uts: int = Field(description="When it was asked for, in Unix seconds.")
    changed_at_uts: int = Field(description="When it moved last.")
    pages_count: int = Field(description="Answers of the provider so far.")
    rows_count: int = Field(description="Scrobbles, or tracks, so far.")
    total_count: int | None = Field(description="How many there are; null until the provider has said.")
    rows_per_s: float = Field(description="Scrobbles, or tracks, a second.")
    reason: str = Field(
        description="Why it was refused: unknown, private, forbidden, expired or invalid; else empty."
    )
    message: str = Field(description="A sentence for the listener; empty if there is nothing to say.")

    @classmethod
    def of(cls, job: Job) -> Self:
        """Put a job into the contract's shape."""
        facts = {name: getattr(job, name) for name in cls.model_fields}
        return cls(**facts)


class Erased(BaseModel):
    """The receipt of an erasure; it says nothing of who was erased."""

    receipt_id: str
    status: Literal["done", "accepted"] = Field(description="`accepted`: it goes on in the background.")
    erased_at_uts: int = Field(description="When, in Unix seconds.")
    rows_count: dict[str, int] = Field(description="Rows erased, by table.")
    objects_count: int = Field(description="Other objects erased: documents, files, old versions, releases.")


class ExportedItem(BaseModel):
    """Something that is kept of the listener."""

    source: str = Field(description="The table, or `document`.")
    content: dict[str, Any] = Field(description="The row, or the document and its name.")


class Exported(BaseModel):
    """What is kept of the listener, a page of it."""

    total_count: int
    items: list[ExportedItem]
    next_cursor: str | None = NEXT_CURSOR


class GraphqlAnswer(BaseModel):
    """What a query found; in one error's place the value is null."""

    data: dict[str, Any] | None = Field(description="As the query asks.")
    errors: list[dict[str, Any]] | None = Field(
        None, description="What failed, each with its problem's type."
    )


class Health(BaseModel):
    """That the application runs."""

    status: Literal["ok"] = "ok"
    version: str = Field(description="The contract's version.")
