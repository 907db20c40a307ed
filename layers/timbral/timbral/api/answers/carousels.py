"""The carousels that are one row of tracks: For You, New & Hype, Rediscover."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from timbral.api.answers.ranking import Ranking, followed_by, top
from timbral.api.answers.shelves import DEPTH, Shelf, always
from timbral.api.answers.standing import standing
from timbral.recommender.models.diversity import diversify

if TYPE_CHECKING:
    from timbral.api.answers.shelves import Occasion
    from timbral.recommender.release.view import ListenerProfile, ReleaseView, Rows

DIVERSE_DEPTH = 120
DIVERSITY = 0.1
FAIR_CHANCE = 0.25
REST_S = 365 * 86_400
CLASSIC_YEARS = 15
UNKNOWN_REST = 0.5
A_YEAR = 1.0


def for_you(now: Occasion) -> list[Shelf]:
    """Offer tracks they haven't played, by fused score, bent by the dial and kept diverse."""
    rows = np.arange(now.view.tracks_count)
    scores = now.unheard
    if now.listening.profile:
        scores = scores.copy()
        scores[now.listening.profile.rows] = -np.inf
    unplayed_count = len(rows) - int(np.count_nonzero(now.listening.played))
    ranking = now.warmed(top(rows, scores, min(DEPTH, unplayed_count)), "for_you")
    lead = "" if now.listening.profile else "Popular with many listeners: you are new here."
    return [Shelf("for_you", "For You", _diverse(now.view, ranking), always(lead))]


def new_and_hype(now: Occasion) -> list[Shelf]:
    """Offer what is new or played more and more, as far as it may please them."""
    listening, columns = now.listening, now.listening.columns
    stands = standing(columns)
    new, rising = stands.newness, stands.rise
    rows = stands.talked_of[~listening.played[stands.talked_of]]
    scores = (new[rows] + rising[rows]) * (FAIR_CHANCE + listening.appeal[rows])
    ranking = now.warmed(top(rows, scores, DEPTH), "new_and_hype")
    ranking = followed_by(ranking, _latest(now, DEPTH - len(ranking.rows), stands.talked_of))

    def lead(row: int) -> str:
        if not rising[row] and not new[row]:
            return f"Out in {columns.years[row]}: of what you haven't played there is little newer."
        if rising[row] >= new[row]:
            return f"On the rise: {int(columns.recent_plays[row])} of its plays are recent."
        return (
            f"New: out in {columns.years[row]}." if columns.years[row] else "New here: first played of late."
        )

    return [Shelf("new_and_hype", "New & Hype", ranking, lead)]


def _latest(now: Occasion, count: int, others: Rows) -> Ranking:
    """Rank the newest tracks by year that they haven't played, where too little is talked of."""
    listening, years = now.listening, now.listening.columns.years
    is_open = (years > 0) & ~listening.played
    is_open[others] = False
    rows = np.flatnonzero(is_open)
    scores = (years[rows] - years.max(initial=0)).astype(np.float32)
    latest = now.warmed(top(rows, scores + listening.appeal[rows], count), "latest", amount=A_YEAR)
    return Ranking(latest.rows, np.zeros(len(latest.rows), np.float32))


def rediscover(now: Occasion) -> list[Shelf]:
    """Bring back what they loved and haven't played of late; older favourites of all for a newcomer."""
    listening, profile = now.listening, now.listening.profile
    if profile is None or not listening.played.any():
        return [_classics(now)]
    at = _rested(profile)
    rows = profile.rows[at]
    scores = (listening.appeal[rows] * (1 + _rest(profile, at)) / 2).astype(np.float32)
    ranking = now.warmed(top(rows, scores, DEPTH), "rediscover")
    last_at_uts = dict(zip(rows.tolist(), profile.last_at_uts[at].tolist(), strict=True))

    def lead(row: int) -> str:
        return _remember(int(listening.plays[row]), last_at_uts[row])

    return [Shelf("rediscover", "Rediscover", ranking, lead)]


def _diverse(view: ReleaseView, ranking: Ranking) -> Ranking:
    """Reorder the head of a ranking so that neighbours differ; the tail stays."""
    head = ranking.rows[:DIVERSE_DEPTH]
    by_rank = np.linspace(1, 0, len(head), dtype=np.float32)
    places = diversify(by_rank, view.vectors(head.tolist()), len(head), diversity=DIVERSITY)
    order = np.concatenate([places, np.arange(len(head), len(ranking.rows))])
    return Ranking(ranking.rows[order], ranking.scores[order])


def _rested(profile: ListenerProfile) -> Rows:
    """Return the places of what they haven't played of late, or have played least of late."""
    played = profile.plays > 0
    rested = played & (profile.recent_plays == 0)
    if not rested.any():
        rested = played & (profile.recent_plays <= np.median(profile.recent_plays[played]))
    return np.flatnonzero(rested)


def _rest(profile: ListenerProfile, at: Rows) -> Rows:
    last_at_uts = profile.last_at_uts[at]
    share = np.clip((profile.newest_at_uts - last_at_uts) / REST_S, 0, 1)
    return np.where(last_at_uts > 0, share, UNKNOWN_REST)


def _remember(plays_count: int, last_at_uts: int) -> str:
    times = "once" if plays_count == 1 else f"{plays_count:,} times"
    last = f", last in {datetime.fromtimestamp(last_at_uts, UTC):%B %Y}" if last_at_uts > 0 else ""
    return f"You played it {times}{last}."


def _classics(now: Occasion) -> Shelf:
    years = now.listening.columns.years
    rows = np.flatnonzero((years > 0) & (years <= years.max(initial=0) - CLASSIC_YEARS))
    ranking = now.warmed(top(rows, now.listening.appeal[rows], DEPTH), "classics")
    lead = always("An older favourite of many: your own will stand here once you have played some.")
    return Shelf("rediscover", "Rediscover", ranking, lead)
