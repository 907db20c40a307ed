"""What clients get: answers with tracks are plain dictionaries, as `timbral.api.contract.tracks` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired, Self

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from timbral.api.answers.wishes import Basis, Window  # noqa: TC001  pydantic reads the annotation
from timbral.api.contract.tracks import RecommendedTrack, Track, chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.api.answers.home import FilledShelf, HomePage
    from timbral.api.answers.taste import TasteSummary

CarouselName = Literal["for_you", "new_and_hype", "genre_mixes", "mood_mixes", "rediscover"]
TITLES: dict[CarouselName, str] = {
    "for_you": "For You",
    "new_and_hype": "New & Hype",
    "genre_mixes": "Genre Mixes",
    "mood_mixes": "Mood Mixes",
    "rediscover": "Rediscover",
}
NextCursor = Annotated[
    str | None, Field(description="Ask again with this for the next page; null on the last.")
]
Release = Annotated[str, Field(description="The release that answered.")]


class Mix(TypedDict):
    """One mix of a carousel of mixes."""

    title: Annotated[str, Field(description="The genre or the mood.")]
    tracks: list[RecommendedTrack]


class Carousel(TypedDict):
    """One carousel: either tracks or mixes; the other list is empty."""

    carousel: CarouselName
    title: str
    tracks: list[RecommendedTrack]
    mixes: list[Mix]


class Home(TypedDict):
    """A home page; no track is on it twice."""

    release: Release
    day: Annotated[str, Field(description="The day that the page is for (UTC).", examples=["2026-03-01"])]
    basis: Annotated[
        Basis,
        Field(
            description="What the page was made from: listening history, a provider's top tracks, picks, or "
            "what is popular, for somebody of whom nothing is known."
        ),
    ]
    newcomer: Annotated[
        bool, Field(description="Whether the page was made without any history of the listener's.")
    ]
    carousels: Annotated[list[Carousel], Field(description="Five, always in the same order.")]
    next_cursor: NotRequired[NextCursor]


class Similar(TypedDict):
    """Tracks like one track."""

    release: Release
    seed: Track
    tracks: Annotated[list[RecommendedTrack], Field(description="Most similar first.")]
    next_cursor: NotRequired[NextCursor]


class Found(TypedDict):
    """What a search found."""

    release: Release
    tracks: Annotated[list[RecommendedTrack], Field(description="Best first.")]
    did_you_mean: Annotated[
        str | None, Field(description="A known name that the query most likely misspells.")
    ]
    next_cursor: NotRequired[NextCursor]


class Filled(TypedDict):
    """Tracks to add to a playlist."""

    release: Release
    tracks: Annotated[
        list[RecommendedTrack],
        Field(description="In playing order; fewer than asked for if the conditions leave no more."),
    ]
    unknown: Annotated[
        list[str], Field(description="Tracks of the Spotify playlist that the release doesn't have.")
    ]
    next_cursor: NotRequired[NextCursor]


class Added(TypedDict):
    """What became of a playlist at Spotify."""

    release: Release
    added_count: Annotated[int, Field(description="Tracks added to its end.")]
    present_count: Annotated[int, Field(description="Tracks that were on it already.")]
    unlinked: Annotated[list[str], Field(description="Tracks of ours that aren't known at Spotify.")]


class OfferedGenre(TypedDict):
    """A genre to pick."""

    genre: str
    tracks_count: Annotated[int, Field(description="How many tracks there are of it.")]
    samples: Annotated[list[Track], Field(description="Well-known tracks of it.")]


class Onboarding(TypedDict):
    """What somebody new can pick from."""

    release: Release
    genres: Annotated[list[OfferedGenre], Field(description="Those first that most is played of.")]
    next_cursor: NotRequired[NextCursor]


class FirstTracks(TypedDict):
    """What picks lead to at once."""

    release: Release
    tracks: Annotated[list[RecommendedTrack], Field(description="Best first.")]
    next_cursor: NotRequired[NextCursor]


def carousels(page: HomePage) -> list[Carousel]:
    """Put a home page's carousels into the contract's shape."""
    return [_carousel(name, [shelf for shelf in page.shelves if shelf.carousel == name]) for name in TITLES]


def _carousel(name: CarouselName, shelves: Sequence[FilledShelf]) -> Carousel:
    mixes: list[Mix] = []
    tracks: list[RecommendedTrack] = []
    if name in {"genre_mixes", "mood_mixes"}:
        mixes = [{"title": shelf.title, "tracks": chosen(shelf.tracks)} for shelf in shelves]
    else:
        tracks = [track for shelf in shelves for track in chosen(shelf.tracks)]
    return {"carousel": name, "title": TITLES[name], "tracks": tracks, "mixes": mixes}


class TasteShare(BaseModel):
    """One thing's part of the plays."""

    name: str
    share: float = Field(description="Its part, 0 to 1.")
    plays_count: int
    id: str | None = Field(None, description="The artist's identity, for artists.")


class Taste(BaseModel):
    """What a listener likes within a window."""

    release: Release
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
    next_cursor: NextCursor = None

    @classmethod
    def of(cls, summary: TasteSummary, release: str, next_cursor: str | None) -> Self:
        """Put a summary into the contract's shape."""
        shares = {
            part: [TasteShare(**vars(share)) for share in getattr(summary, part)]
            for part in ("genres", "artists", "moods")
        }
        facts = {**vars(summary), **shares, "listening_clock": list(summary.listening_clock)}
        del facts["has_more"]
        return cls(release=release, next_cursor=next_cursor, **facts)


class Told(BaseModel):
    """What became of events."""

    kept_count: int = Field(description="Events that are kept; one that was kept before counts again.")
    dropped_count: int = Field(description="Events from before the listener was erased.")


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
    next_cursor: NextCursor = None


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
