"""One window of recent tracks, walked so that nothing is skipped though the pages move meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import orjson

from timbral.errors import SourceFailed
from timbral.providers.lastfm import PAGE_ROWS, PROVIDER
from timbral.raw.answers.envelope import Asked, keep_answer
from timbral.raw.answers.lastfm_plays import WINDOW, Plays, plays_of
from timbral.raw.answers.lastfm_values import attributes, items, whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from timbral.providers.lastfm import Lastfm
    from timbral.store.objects import Objects

_WALKS = 4
RECENT = "user.getRecentTracks"


@dataclass(frozen=True)
class Page:
    """A page as it was answered and kept.

    Attributes:
        key: Where it lies.
        plays: What it holds.
        rows_count: Its rows, without the one that is playing just now.
        total: Plays in the whole window, as the service says with each page.
    """

    key: str
    plays: Plays = field(repr=False)
    rows_count: int
    total: int


@dataclass(frozen=True)
class Walk:
    """All pages of a window, oldest first."""

    pages: tuple[Page, ...]
    total: int

    @property
    def is_settled(self) -> bool:
        """Whether the pages are of one moment.

        They agree on how many plays there are, have exactly so many rows, and no page reaches into the
        time of another: nothing moved from one page to the next while they were asked for.
        """
        counts = {page.total for page in self.pages}
        if counts != {self.total} or sum(page.rows_count for page in self.pages) != self.total:
            return False
        filled = [page.plays for page in self.pages if page.plays]
        return (
            all(max(older)[0] <= min(newer)[0] for older, newer in pairwise(filled)) and self.repeats_no_page
        )

    @property
    def repeats_no_page(self) -> bool:
        """Whether no page was answered twice, under two numbers."""
        filled = [frozenset(page.plays) for page in self.pages if page.plays]
        return len(set(filled)) == len(filled)

    @property
    def plays(self) -> frozenset[Any]:
        """Everything that was seen."""
        return frozenset(item for page in self.pages for item in page.plays.items())


class Walker:
    """Walks windows of one account.

    Args:
        api: Last.fm.
        objects: Where answers are kept.
        listener_id: Whose they are.
        username: The account.
        now_uts: Tells the time.
        seen_page: Told of every page and its rows.
    """

    def __init__(
        self,
        api: Lastfm,
        objects: Objects,
        *,
        listener_id: str,
        username: str,
        now_uts: Callable[[], int],
        seen_page: Callable[[int], None],
    ) -> None:
        self._api = api
        self._objects = objects
        self._listener_id = listener_id
        self._username = username
        self._now_uts = now_uts
        self._seen_page = seen_page

    def page(self, from_uts: int, to_uts: int, number: int, limit: int = PAGE_ROWS) -> Page:
        """Ask for a page and keep it before it is read.

        Whether the service counts its bounds in isn't relied on: one second more is asked for.
        """
        reply = self._api.recent_tracks(self._username, from_uts - 1, to_uts, number, limit)
        params = {"from": str(from_uts), "to": str(to_uts), "page": str(number), "limit": str(limit)}
        asked = Asked(PROVIDER, RECENT, self._now_uts(), self._listener_id, params)
        key = keep_answer(self._objects, asked, reply.body)
        value = reply.json()
        block = value["recenttracks"]
        plays, rejects = plays_of(value, key)
        dated = [track for track in items(block, "track") if track.get("date")]
        total = whole(attributes(block).get("total"))
        if total is None:
            raise SourceFailed(f"{RECENT} doesn't say how many plays there are")
        self._seen_page(len(plays))
        return Page(key, plays, max(len(dated), len(plays) + len(rejects)), total)

    def walk(self, first: Page, from_uts: int, to_uts: int) -> Walk:
        """Ask for the rest of a window, oldest first: new plays then push nothing past us.

        A walk that doesn't settle is done again. Two in a row that saw the very same count as settled: some
        accounts' totals are wrong, and stay so.

        Raises:
            SourceFailed: It doesn't settle.
        """
        walk = self._walk_once(first, from_uts, to_uts)
        for _ in range(_WALKS):
            if walk.is_settled:
                return walk
            again = self._walk_once(self.page(from_uts, to_uts, 1), from_uts, to_uts)
            if again.plays == walk.plays and again.total == walk.total and again.repeats_no_page:
                return again
            walk = again
        raise SourceFailed(f"{RECENT} changes faster than it can be read")

    def _walk_once(self, first: Page, from_uts: int, to_uts: int) -> Walk:
        pages = [self.page(from_uts, to_uts, number) for number in range(-(-first.total // PAGE_ROWS), 1, -1)]
        return Walk((*pages, first), first.total)

    def keep(self, walk: Walk, from_uts: int, to_uts: int, before: list[str]) -> str:
        """Keep what makes a window: its pages, and what was known of its time before."""
        value = {
            "from_uts": from_uts,
            "to_uts": to_uts,
            "pages": [page.key for page in walk.pages],
            "before": before,
        }
        asked = Asked(PROVIDER, WINDOW, self._now_uts(), self._listener_id)
        return keep_answer(self._objects, asked, orjson.dumps(value))
