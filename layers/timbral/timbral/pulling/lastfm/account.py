"""A listener's Last.fm account into tables: whole at first, then what is new and what has changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from timbral.errors import SourceRefused
from timbral.providers.lastfm import PAGE_ROWS, PROVIDER
from timbral.pulling.lastfm.progress import PullState, read_state, write_state
from timbral.pulling.lastfm.window import Walker
from timbral.pulling.lastfm.windows import (
    SHORTEST_S,
    WEEK_S,
    Window,
    begin_at,
    end_of,
    overlapping,
    put_window,
    span_after,
    week_floor,
)
from timbral.raw.answers.envelope import Asked, keep_answer
from timbral.raw.answers.lastfm_values import attributes, whole
from timbral.tables.columns import FIRST_SCROBBLE_UTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from timbral.providers.calls import Clock, Reply
    from timbral.providers.lastfm import Lastfm
    from timbral.pulling.lastfm.window import Page
    from timbral.store.objects import Objects

FIRST_SPAN_S = 13 * WEEK_S
_TOP_PAGES = 5
_MARGIN_S = 20.0
"""A window's worth of asking: what is begun within the time limit ends within it."""


@dataclass
class Pulled:
    """What a pull did so far.

    Attributes:
        pages_count: Pages that were answered.
        scrobbles_count: Plays on them.
        total: Plays that the service says there are; None if it wasn't asked.
        is_done: Whether nothing is left; else the pull goes on in another invocation.
    """

    pages_count: int = 0
    scrobbles_count: int = 0
    total: int | None = None
    is_done: bool = False


class LastfmPull:
    """One invocation's part of a pull.

    Args:
        api: Last.fm.
        objects: The store.
        listener_id: Whose account it is.
        username: The account.
        clock: Time.
        until_s: When this invocation must be over, in Unix seconds.
        land: Makes rows of a kept answer, named by its key; does nothing where the store's events do it.
        watch: Told of what was done, page by page.
    """

    def __init__(
        self,
        api: Lastfm,
        objects: Objects,
        *,
        listener_id: str,
        username: str,
        clock: Clock,
        until_s: float,
        land: Callable[[str], object],
        watch: Callable[[Pulled], None] = lambda _pulled: None,
    ) -> None:
        self._api = api
        self._objects = objects
        self._land_answer = land
        self._listener_id = listener_id
        self._username = username
        self._clock = clock
        self._until_s = until_s
        self._watch = watch
        self._pulled = Pulled()
        self._walker = Walker(
            api,
            objects,
            listener_id=listener_id,
            username=username,
            now_uts=self._now_uts,
            seen_page=self._saw_page,
        )

    def run(self) -> Pulled:
        """Pull until all is here, or the time is up.

        Raises:
            SourceBusy: Last.fm named a time to come back; what is stored stays so.
            SourceFailed: It kept failing.
            SourceRefused: The account is unknown or private, or our key isn't accepted.
            Conflict: Another invocation pulls the same account.
        """
        state = read_state(self._objects, PROVIDER, self._listener_id, self._username)
        self._land(state)
        if state.at_uts is None:
            self._begin(state)
        if self._pull_windows(state) and self._mend(state):
            self._pull_tops(state)
            self._pulled.is_done = True
        return self._pulled

    def _begin(self, state: PullState) -> None:
        """Fix where the pull begins and ends; what comes meanwhile is the next one's."""
        until_uts = self._now_uts()
        everything = self._walker.page(0, until_uts, 1)
        self._pulled.total = everything.total
        oldest_uts = until_uts if state.windows else self._before_all(everything, until_uts)
        state.at_uts = begin_at(state.windows, oldest_uts)
        state.until_uts = until_uts
        state.known = overlapping(state.windows, state.at_uts, until_uts)
        self._write(state)

    def _before_all(self, page: Page, until_uts: int) -> int:
        """Return a Monday before which nothing was played: the service must say so itself."""
        while page.total and until_uts > FIRST_SCROBBLE_UTS:
            last = -(-page.total // PAGE_ROWS)
            oldest = page if last == 1 else self._walker.page(0, until_uts, last)
            oldest_uts = min((key[0] for key in oldest.plays), default=until_uts)
            until_uts = min(week_floor(oldest_uts), until_uts - WEEK_S)
            page = self._walker.page(0, until_uts, 1)
        return until_uts

    def _pull_windows(self, state: PullState) -> bool:
        span_s = FIRST_SPAN_S
        while state.at_uts is not None and state.at_uts < state.until_uts:
            if self._is_late():
                return False
            span_s = self._pull_window(state, state.at_uts, span_s)
        return True

    def _pull_window(self, state: PullState, from_uts: int, span_s: int) -> int:
        """Pull one window, or find that it is too long; return how long the next may be."""
        to_uts = end_of(from_uts, span_s, state.until_uts)
        first = self._walker.page(from_uts, to_uts, 1)
        next_span_s = span_after(to_uts - from_uts, first.total)
        if next_span_s < to_uts - from_uts and to_uts - from_uts > SHORTEST_S:
            return next_span_s
        state.at_uts = to_uts
        self._take(state, first, from_uts, to_uts, state.known)
        return next_span_s

    def _take(self, state: PullState, first: Page, from_uts: int, to_uts: int, known: list[Window]) -> None:
        """Walk a window, keep it, move past it, and only then make rows of it."""
        walk = self._walker.walk(first, from_uts, to_uts)
        before = [window.key for window in overlapping(known, from_uts, to_uts)]
        key = self._walker.keep(walk, from_uts, to_uts, before)
        self._pulled.scrobbles_count += sum(len(page.plays) for page in walk.pages)
        done = Window(from_uts, to_uts, walk.total, key)
        state.windows = put_window(state.windows, done)
        state.unlanded = [*state.unlanded, key]
        self._write(state)
        self._land(state)
        self._watch(self._pulled)

    def _mend(self, state: PullState) -> bool:
        """Find old windows whose counts have changed upstream, and pull them again.

        One question tells whether there are any. An old play that was edited, so that counts stay the
        same, isn't found.
        """
        begun_uts = min((window.from_uts for window in state.known), default=state.until_uts)
        old = [window for window in state.windows if window.to_uts <= begun_uts]
        if not old or not state.known:
            return True
        total = self._walker.page(old[0].from_uts, old[-1].to_uts, 1, limit=1).total
        if total - sum(window.total for window in old) != state.gap:
            for window in old:
                if self._is_late():
                    return False
                if self._walker.page(window.from_uts, window.to_uts, 1, limit=1).total != window.total:
                    first = self._walker.page(window.from_uts, window.to_uts, 1)
                    self._take(state, first, window.from_uts, window.to_uts, [window])
            ends_uts = old[-1].to_uts
            state.gap = total - sum(window.total for window in state.windows if window.to_uts <= ends_uts)
        return True

    def _is_late(self) -> bool:
        return self._clock.now_s() > self._until_s - _MARGIN_S

    def _pull_tops(self, state: PullState) -> None:
        """Ask what was played most; a refusal of one list is none of the account."""
        self._pull_list("user.getTopTracks", "toptracks", self._api.top_tracks)
        self._pull_list("user.getTopArtists", "topartists", self._api.top_artists)
        if not state.is_library_gone:
            try:
                self._pull_list("library.getTracks", "tracks", self._api.library_tracks)
            except SourceRefused:
                state.is_library_gone = True
        state.known = []
        state.at_uts = None
        self._write(state)

    def _pull_list(self, kind: str, root: str, ask: Callable[[str, int], Reply]) -> None:
        for number in range(1, _TOP_PAGES + 1):
            reply = ask(self._username, number)
            asked = Asked(PROVIDER, kind, self._now_uts(), self._listener_id, {"page": str(number)})
            self._land_answer(keep_answer(self._objects, asked, reply.body))
            self._saw_page(0)
            if number >= (whole(attributes(reply.json()[root]).get("totalPages")) or 0):
                return

    def _land(self, state: PullState) -> None:
        """Turn what is stored into rows; done again after a kill it writes the same."""
        for key in state.unlanded:
            self._land_answer(key)
        state.unlanded = []

    def _write(self, state: PullState) -> None:
        write_state(self._objects, PROVIDER, self._listener_id, state)

    def _now_uts(self) -> int:
        return int(self._clock.now_s())

    def _saw_page(self, _plays_count: int) -> None:
        self._pulled = replace(self._pulled, pages_count=self._pulled.pages_count + 1)
        self._watch(self._pulled)
