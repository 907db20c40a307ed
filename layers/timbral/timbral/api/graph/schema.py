"""The graph: listener, taste, recommendations, track, similar."""
# strawberry reads annotations at run time: no lazy ones here.

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.types import Info

from timbral.api.answers.home import home_page
from timbral.api.answers.reasons import Recommended
from timbral.api.answers.search import search_tracks
from timbral.api.answers.similar import similar_to_each
from timbral.api.answers.taste import Share as TasteShare
from timbral.api.answers.taste import taste_summary
from timbral.api.asking import Asking
from timbral.api.contract.responses import TITLES
from timbral.api.contract.tracks import shown
from timbral.errors import InvalidRequest, NotFound
from timbral.recommender.release.view import TrackCard, TrackFilter

MOST = 100


@dataclass
class Context:
    """What every resolver starts from.

    Attributes:
        asked: One release, one listener, one day, for the whole query.
        similar: Answers what is like tracks, all tracks of one depth of the query at once.
    """

    asked: Asking
    similar: "DataLoader[tuple[TrackCard, int], list[Recommended]]"


def context_of(asked: Asking) -> Context:
    """Return the context of one query."""

    async def load(keys: Sequence[tuple[TrackCard, int]]) -> list[list[Recommended]]:
        most = max(limit for _, limit in keys)
        found = similar_to_each(asked.view, asked.profile, [card for card, _ in keys], most)
        return [tracks[:limit] for tracks, (_, limit) in zip(found, keys, strict=True)]

    return Context(asked, DataLoader(load_fn=load, cache_key_fn=lambda key: (key[0].row, key[1])))


def bounded(limit: int, field: str) -> int:
    """Refuse a limit that is none.

    Raises:
        InvalidRequest: It isn't from 1 to `MOST`.
    """
    if not 1 <= limit <= MOST:
        msg = f"limit must be from 1 to {MOST}"
        raise InvalidRequest(msg, f"{field}.limit")
    return limit


@strawberry.enum
class Window(Enum):
    """Which plays count."""

    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"
    ALL = "all"


@strawberry.type
class Links:
    """Where to go with a track."""

    similar: str
    lastfm: str
    spotify: str | None


@strawberry.type
class Track:
    """A track."""

    card: strawberry.Private[TrackCard]
    track_id: str
    title: str
    artist: str
    artist_id: str
    album: str | None
    year: int | None
    genres: list[str]
    tags: list[str]
    moods: list[str]
    energy: float
    valence: float
    mood_confidence: str
    popularity: float
    links: Links

    @strawberry.field(description="Tracks like it, most similar first.")
    async def similar(self, info: Info[Context, None], limit: int = 10) -> "list[RecommendedTrack]":
        """Return tracks like it."""
        found = await info.context.similar.load((self.card, bounded(limit, "similar")))
        return [RecommendedTrack.of(one) for one in found]


def track_of(card: TrackCard) -> Track:
    """Put a track into the graph's shape, which is the routes' own."""
    facts: dict[str, Any] = {**shown(card)}
    return Track(card=card, **(facts | {"links": Links(**facts["links"])}))


@strawberry.type
class Why:
    """Why a track is there."""

    rule: str
    text: str
    tags: list[str]
    tracks: list[Track]


@strawberry.type
class RecommendedTrack:
    """A track, its score and its reason."""

    title: str
    score: float
    in_library: bool
    why: Why
    track: Track

    @classmethod
    def of(cls, found: Recommended) -> "RecommendedTrack":
        """Put a recommendation into the graph's shape."""
        why = found.why
        reason = Why(
            rule=why.rule,
            text=why.text,
            tags=list(why.tags),
            tracks=[track_of(card) for card in why.tracks],
        )
        return cls(
            title=found.card.title,
            score=found.score,
            in_library=found.in_library,
            why=reason,
            track=track_of(found.card),
        )


@strawberry.type
class Share:
    """One thing's part of the plays."""

    name: str
    share: float
    plays_count: int

    @classmethod
    def of(cls, share: TasteShare) -> "Share":
        """Put a share into the graph's shape."""
        return cls(name=share.name, share=share.share, plays_count=share.plays_count)


@strawberry.type
class Taste:
    """What the listener likes within a window."""

    known: bool
    plays_count: int
    tracks_count: int
    genres: list[Share]
    artists: list[Share]
    moods: list[Share]
    mainstreaminess: float | None
    discovery_rate: float | None
    listening_clock: list[float]


@strawberry.type
class Shelf:
    """One row of tracks of the home page: a carousel, or a mix within one."""

    carousel: str
    title: str
    tracks: list[RecommendedTrack]


@strawberry.type
class Listener:
    """Whoever asks."""

    listener_id: str
    basis: str

    @strawberry.field(description="What they like.")
    def taste(self, info: Info[Context, None], window: Window = Window.ALL, limit: int = 10) -> Taste:
        """Sum up what they played."""
        asked = info.context.asked
        found = taste_summary(asked.view, asked.profile, window.value, bounded(limit, "taste"))
        return Taste(
            known=found.known,
            plays_count=found.plays_count,
            tracks_count=found.tracks_count,
            genres=[Share.of(one) for one in found.genres],
            artists=[Share.of(one) for one in found.artists],
            moods=[Share.of(one) for one in found.moods],
            mainstreaminess=found.mainstreaminess,
            discovery_rate=found.discovery_rate,
            listening_clock=list(found.listening_clock),
        )

    @strawberry.field(description="Their home page, the one that GET /recs/home gives today.")
    def recommendations(
        self, info: Info[Context, None], discovery: float = 0.5, limit: int = 12
    ) -> list[Shelf]:
        """Compose their home page."""
        asked = info.context.asked
        if not 0 <= discovery <= 1:
            msg = "discovery must be from 0 to 1"
            raise InvalidRequest(msg, "recommendations.discovery")
        page = home_page(
            asked.view,
            asked.listener_id,
            asked.profile,
            asked.day,
            discovery=discovery,
            limit=bounded(limit, "recommendations"),
        )
        places = {str(name): place for place, name in enumerate(TITLES)}
        order = sorted(page.shelves, key=lambda shelf: places[shelf.carousel])
        return [
            Shelf(
                carousel=shelf.carousel,
                title=shelf.title,
                tracks=[RecommendedTrack.of(track) for track in shelf.tracks],
            )
            for shelf in order
        ]


@strawberry.type
class Query:
    """What can be asked."""

    @strawberry.field(description="The release that answers.")
    def release(self, info: Info[Context, None]) -> str:
        """Return the release's name."""
        return str(info.context.asked.view.release)

    @strawberry.field(description="Whoever asks.")
    def listener(self, info: Info[Context, None]) -> Listener:
        """Return who asks."""
        return Listener(listener_id=info.context.asked.listener_id, basis=info.context.asked.basis)

    @strawberry.field(description="A track by its id.")
    def track(self, info: Info[Context, None], track_id: str) -> Track:
        """Return a track.

        Raises:
            NotFound: The release doesn't have it.
        """
        view = info.context.asked.view
        row = int(view.rows([track_id[:64]])[0])
        if row < 0:
            msg = "there is no such track in this release"
            raise NotFound(msg)
        return track_of(view.cards([row])[0])

    @strawberry.field(description="Tracks for any text, best first.")
    def search(self, info: Info[Context, None], text: str, limit: int = 20) -> list[RecommendedTrack]:
        """Search by free text, as POST /search does."""
        asked = info.context.asked
        count = bounded(limit, "search")
        found = search_tracks(asked.view, asked.profile, checked(text), TrackFilter(), offset=0, limit=count)
        return [RecommendedTrack.of(track) for track in found.tracks]


def checked(text: str) -> str:
    """Refuse a text that POST /search would refuse.

    Raises:
        InvalidRequest: It is blank, too long, or has control characters.
    """
    from timbral.api.contract.fields import LONGEST_QUERY, without_controls  # noqa: PLC0415  named where it is needed

    if len(text) > LONGEST_QUERY:
        msg = f"text may have {LONGEST_QUERY} characters at most"
        raise InvalidRequest(msg, "search.text")
    try:
        return without_controls(text)
    except ValueError as error:
        msg = f"text {error}"
        raise InvalidRequest(msg, "search.text") from error


SCHEMA = strawberry.Schema(query=Query)
