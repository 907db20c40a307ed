"""The graph: listener, taste, recommendations, track, similar."""
# strawberry reads annotations at run time: no lazy ones here.

from enum import Enum

import strawberry
from strawberry.types import Info

from timbral.api.answers.home import LAST_PAGE, home_page
from timbral.api.answers.search import lacking, search_tracks, suggested
from timbral.api.answers.taste import Share as TasteShare
from timbral.api.answers.taste import taste_summary
from timbral.api.contract.responses import TITLES
from timbral.api.graph.filters import Filters, wanted
from timbral.api.graph.tracks import Context, RecommendedTrack, Track, bounded, listed, track_of
from timbral.api.paging import question, read_cursor, write_cursor
from timbral.errors import InvalidRequest, NotFound


@strawberry.enum
class Window(Enum):
    """Which plays count."""

    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"
    ALL = "all"


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
    next_cursor: str | None = strawberry.field(
        description="Asked with this, the lists go on; null at their ends."
    )


@strawberry.type
class Shelf:
    """One row of tracks of the home page: a carousel, or a mix within one."""

    carousel: str
    title: str
    tracks: list[RecommendedTrack]
    next_cursor: str | None = strawberry.field(description="Of the next page, which is one for all shelves.")


@strawberry.type
class Listener:
    """Whoever asks."""

    listener_id: str
    basis: str

    @strawberry.field(description="What they like.")
    def taste(
        self,
        info: Info[Context, None],
        window: Window = Window.ALL,
        limit: int = 10,
        cursor: str | None = None,
    ) -> Taste:
        """Sum up what they played."""
        asked = info.context.asked
        terms = question(asked.view.release, "taste", asked.listener_id, asked.seeds.tag, window.value)
        offset = read_cursor(cursor, terms)
        following = offset + bounded(limit, "taste")
        found = taste_summary(asked.view, asked.profile, window.value, limit, offset)
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
            next_cursor=write_cursor(following, terms) if found.has_more else None,
        )

    @strawberry.field(description="Their home page, the one that GET /recs/home gives today.")
    def recommendations(
        self, info: Info[Context, None], discovery: float = 0.5, limit: int = 12, cursor: str | None = None
    ) -> list[Shelf]:
        """Compose their home page."""
        asked = info.context.asked
        if not 0 <= discovery <= 1:
            msg = "discovery must be from 0 to 1"
            raise InvalidRequest(msg, "recommendations.discovery")
        terms = question(
            *(asked.view.release, "graph home", asked.listener_id, asked.day.isoformat()),
            *(discovery, limit, asked.seeds.tag),
        )
        number = read_cursor(cursor, terms, LAST_PAGE)
        page = home_page(
            asked.view,
            asked.listener_id,
            asked.profile,
            asked.day,
            discovery=discovery,
            limit=bounded(limit, "recommendations"),
            page=number,
        )
        following = write_cursor(number + 1, terms) if page.has_more else None
        places = {str(name): place for place, name in enumerate(TITLES)}
        order = sorted(page.shelves, key=lambda shelf: places[shelf.carousel])
        return [
            Shelf(
                carousel=shelf.carousel,
                title=shelf.title,
                tracks=[RecommendedTrack.of(track) for track in shelf.tracks],
                next_cursor=following,
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
    def search(  # noqa: PLR0917  they are given by name in a query
        self,
        info: Info[Context, None],
        text: str,
        filters: Filters | None = None,
        rerank: bool = False,
        limit: int = 20,
        cursor: str | None = None,
    ) -> list[RecommendedTrack]:
        """Search by free text, as POST /search does; `rerank` asks for what the listener likes, too."""
        asked, only = info.context.asked, wanted(filters, "search")
        whose = [asked.listener_id, asked.seeds.tag] if rerank else []
        terms = question(asked.view.release, "graph search", text, only, *whose)
        offset, count = read_cursor(cursor, terms), bounded(limit, "search")
        found = search_tracks(
            asked.view, asked.profile, checked(text), only, offset=offset, limit=count, rerank=rerank
        )
        if asked.wishes is not None and (albums := lacking(found.tracks)):
            asked.wishes(albums)
        return listed(found.tracks, offset, terms)

    @strawberry.field(description="A known name that a text most likely misspells.")
    def did_you_mean(self, info: Info[Context, None], text: str) -> str | None:
        """Return the name that POST /search would suggest."""
        return suggested(info.context.asked.view, checked(text, "didYouMean"))


def checked(text: str, asked: str = "search") -> str:
    """Refuse a text that POST /search would refuse.

    Raises:
        InvalidRequest: It is blank, too long, or has control characters.
    """
    from timbral.api.contract.fields import LONGEST_QUERY, without_controls  # noqa: PLC0415  named where it is needed

    if len(text) > LONGEST_QUERY:
        msg = f"text may have {LONGEST_QUERY} characters at most"
        raise InvalidRequest(msg, f"{asked}.text")
    try:
        return without_controls(text)
    except ValueError as error:
        msg = f"text {error}"
        raise InvalidRequest(msg, f"{asked}.text") from error


SCHEMA = strawberry.Schema(query=Query)
