"""Tracks of the graph, and what every resolver starts from."""
# strawberry reads annotations at run time: no lazy ones here.

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.types import Info

from timbral.api.answers.reasons import Recommended
from timbral.api.answers.similar import DEPTH, similar_to_each
from timbral.api.asking import Asking
from timbral.api.contract.tracks import shown
from timbral.api.graph.filters import Filters, wanted
from timbral.api.paging import question, read_cursor, write_cursor
from timbral.errors import InvalidRequest
from timbral.recommender.release.view import TrackCard, TrackFilter

MOST = 100


class Wish(NamedTuple):
    """Tracks like one track.

    Attributes:
        card: The track.
        only: Which tracks count.
        limit: How many at most.
    """

    card: TrackCard
    only: TrackFilter
    limit: int


@dataclass
class Context:
    """What every resolver starts from.

    Attributes:
        asked: One release, one listener, one day, for the whole query.
        similar: Answers what is like tracks, so many of each, all tracks of one depth of the query at once.
    """

    asked: Asking
    similar: "DataLoader[Wish, list[Recommended]]"


def context_of(asked: Asking) -> Context:
    """Return the context of one query."""

    async def load(wishes: Sequence[Wish]) -> list[list[Recommended]]:
        answers: dict[int, list[Recommended]] = {}
        for only in dict.fromkeys(wish.only for wish in wishes):
            places = [place for place, wish in enumerate(wishes) if wish.only == only]
            seeds, most = (
                [wishes[place].card for place in places],
                max(wishes[place].limit for place in places),
            )
            found = similar_to_each(asked.view, asked.profile, seeds, most, only)
            answers |= {place: own[: wishes[place].limit] for place, own in zip(places, found, strict=True)}
        return [answers[place] for place in range(len(wishes))]

    return Context(asked, DataLoader(load_fn=load, cache_key_fn=lambda wish: (wish.card.row, *wish[1:])))


def bounded(limit: int, field: str) -> int:
    """Refuse a limit that is none.

    Raises:
        InvalidRequest: It isn't from 1 to `MOST`.
    """
    if not 1 <= limit <= MOST:
        msg = f"limit must be from 1 to {MOST}"
        raise InvalidRequest(msg, f"{field}.limit")
    return limit


def listed(found: Sequence[Recommended], offset: int, terms: str) -> "list[RecommendedTrack]":
    """Put a part of a list into the graph's shape.

    Args:
        found: The part.
        offset: How many tracks of the list are before it.
        terms: The name of the list.
    """
    return [
        RecommendedTrack.of(one, write_cursor(place, terms)) for place, one in enumerate(found, offset + 1)
    ]


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
    async def similar(
        self,
        info: Info[Context, None],
        filters: Filters | None = None,
        limit: int = 10,
        cursor: str | None = None,
    ) -> "list[RecommendedTrack]":
        """Return tracks like it."""
        only = wanted(filters, "similar")
        terms = question(info.context.asked.view.release, "graph similar", self.track_id, only)
        offset = read_cursor(cursor, terms, DEPTH)
        wish = Wish(self.card, only, offset + bounded(limit, "similar"))
        found = await info.context.similar.load(wish)
        return listed(found[offset:], offset, terms)


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
    cursor: str | None = strawberry.field(
        description="Asked with this, the list goes on behind the track; null on shelves."
    )

    @classmethod
    def of(cls, found: Recommended, cursor: str | None = None) -> "RecommendedTrack":
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
            cursor=cursor,
        )
