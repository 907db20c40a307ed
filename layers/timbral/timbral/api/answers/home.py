"""The home page: five carousels, no track twice, the same all day, another page tomorrow."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from timbral.api.answers.carousels import for_you, new_and_hype, rediscover
from timbral.api.answers.company import Company
from timbral.api.answers.listening import favourites, listen
from timbral.api.answers.mixes import genre_mixes, mood_mixes
from timbral.api.answers.ranking import Allowance, take
from timbral.api.answers.reasons import Recommended, because, call_witnesses
from timbral.api.answers.shelves import occasion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from timbral.api.answers.listening import Listening
    from timbral.api.answers.ranking import Ranking
    from timbral.api.answers.reasons import Witnesses
    from timbral.api.answers.shelves import Shelf
    from timbral.recommender.release.view import ListenerProfile, ReleaseView, TrackCard

CAROUSELS = ("for_you", "new_and_hype", "genre_mixes", "mood_mixes", "rediscover")
PICKING_ORDER = ("for_you", "rediscover", "new_and_hype", "genre_mixes", "mood_mixes")
LEAST_ARTIST_CAP = 2
ARTIST_SHARE = 0.15
PAGE_CAPS = 2
"""How many times as often as in one row an artist may be on the whole page."""
WITNESSES_COUNT = 60
LAST_PAGE = 9


@dataclass(frozen=True)
class FilledShelf:
    """A row of tracks to show.

    Attributes:
        carousel: Which of `CAROUSELS`.
        title: Its heading: the carousel's, or the mix's within it.
        tracks: The tracks, best first.
    """

    carousel: str
    title: str
    tracks: tuple[Recommended, ...]


@dataclass(frozen=True)
class HomePage:
    """A home page.

    Attributes:
        shelves: In the order of `CAROUSELS`; a carousel of mixes has several.
        has_more: Whether a next page would have tracks.
        newcomer: Whether it was made without any history.
    """

    shelves: tuple[FilledShelf, ...]
    has_more: bool
    newcomer: bool


def home_page(
    view: ReleaseView,
    listener_id: str,
    profile: ListenerProfile | None,
    day: date,
    *,
    discovery: float,
    limit: int,
    page: int = 0,
) -> HomePage:
    """Compose a listener's home page.

    Args:
        view: The release.
        listener_id: Whose page; it seeds the day's variation.
        profile: What the release knows of them, or None for a newcomer.
        day: The day; the page is a function of it.
        discovery: 0 (familiar) to 1 (adventurous).
        limit: Tracks a carousel or mix, at least 1.
        page: From 0; pages share no track.
    """
    listening = listen(view, profile)
    now = occasion(view, listening, listener_id, day, discovery)
    shelves = [
        shelf
        for carousel in (for_you, new_and_hype, genre_mixes, mood_mixes, rediscover)
        for shelf in carousel(now)
    ]
    filled, used = _fill(shelves, listening, limit, page)
    left = page < LAST_PAGE and any(not used.issuperset(shelf.ranking.rows.tolist()) for shelf in shelves)
    return HomePage(tuple(_show(view, listening, shelves, filled)), left, listening.profile is None)


def _fill(
    shelves: list[Shelf], listening: Listening, limit: int, page: int
) -> tuple[dict[int, Ranking], set[int]]:
    """Take each page's tracks in turn, so that a later page shares none with an earlier one."""
    codes = listening.columns.artist_codes
    cap = max(LEAST_ARTIST_CAP, int(limit * ARTIST_SHARE))
    used = set(listening.profile.disliked) if listening.profile else set()
    filled: dict[int, Ranking] = {}
    order = sorted(range(len(shelves)), key=lambda at: PICKING_ORDER.index(shelves[at].carousel))
    for _ in range(page + 1):
        seen: Counter[int] = Counter()
        filled = {
            at: take(shelves[at].ranking, codes, used, limit, cap, Allowance(seen, PAGE_CAPS * cap))
            for at in order
        }
    return filled, used


def _show(
    view: ReleaseView, listening: Listening, shelves: list[Shelf], filled: Mapping[int, Ranking]
) -> Iterable[FilledShelf]:
    rows = [row for at in range(len(shelves)) for row in filled[at].rows.tolist()]
    witnesses = call_witnesses(view, favourites(listening.profile, WITNESSES_COUNT))
    company = Company(view, witnesses)
    cards = iter(zip(view.cards(rows), _spoken_for(view, rows, witnesses), strict=True))
    for at, shelf in enumerate(shelves):
        tracks = []
        for row, score in zip(filled[at].rows.tolist(), filled[at].scores.tolist(), strict=True):
            card, like = next(cards)
            why = because(shelf.carousel, shelf.lead(row), card, like)
            if not why.text:
                why = company.why(shelf.carousel, card)
            tracks.append(Recommended(card, score, why, bool(listening.played[row])))
        yield FilledShelf(shelf.carousel, shelf.title, tuple(tracks))


def _spoken_for(view: ReleaseView, rows: list[int], witnesses: Witnesses) -> list[tuple[TrackCard, ...]]:
    return witnesses.nearest_to(view.vectors(rows)) if len(witnesses.cards) else [()] * len(rows)
