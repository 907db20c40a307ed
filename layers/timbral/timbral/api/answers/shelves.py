"""A row of tracks in the making, and the numbers that rank what may stand on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timbral.api.answers.ranking import warm

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from timbral.api.answers.listening import Listening
    from timbral.api.answers.ranking import Ranking
    from timbral.recommender.release.view import Floats, ReleaseView, TrackColumns

DEPTH = 300
WARMTH = 0.06
OBSCURITY = 0.3
NEW_YEARS = 3
NEW_S = 365 * 86_400
FULL_LIFT = 3


@dataclass(frozen=True)
class Shelf:
    """One row of tracks in the making.

    Attributes:
        carousel: Which carousel it belongs to.
        title: Its heading.
        ranking: Its candidates, best first.
        lead: From a row to the rule's sentence about it; empty if it has nothing to add.
    """

    carousel: str
    title: str
    ranking: Ranking
    lead: Callable[[int], str]


@dataclass(frozen=True)
class Occasion:
    """What every carousel of a page starts from.

    Attributes:
        view: The release.
        listening: The listener in it.
        listener_id: Whose page; it seeds the day's variation.
        day: The day.
        unheard: ``(n,)`` how much to offer each track that they haven't played.
        either: ``(n,)`` how much to offer each track, played or not.
    """

    view: ReleaseView
    listening: Listening
    listener_id: str
    day: date
    unheard: Floats
    either: Floats

    def warmed(self, ranking: Ranking, *name: str, amount: float = WARMTH) -> Ranking:
        """Vary a ranking for this listener and day; see `warm`."""
        return warm(ranking, self.day, self.listener_id, *name, amount=amount)


def occasion(
    view: ReleaseView, listening: Listening, listener_id: str, day: date, discovery: float
) -> Occasion:
    """Score all tracks for a page, once."""
    unheard = dialled(listening, discovery)
    return Occasion(view, listening, listener_id, day, unheard, mixed(listening, unheard, discovery))


def always(lead: str) -> Callable[[int], str]:
    """Return the same sentence for every row."""
    return lambda _: lead


def dialled(listening: Listening, discovery: float) -> Floats:
    """Bend appeal towards the familiar or the adventurous.

    Args:
        listening: The listener.
        discovery: 0 to 1. At 0.5 appeal stands as it is; below, artists they don't know fade until
            none is left at 0; above, artists they know do, and tracks that few play gain.

    Returns:
        ``(n,)``, higher is better.
    """
    bent = listening.appeal + OBSCURITY * (2 * discovery - 1) * (1 - listening.columns.popularity)
    if listening.profile is None:
        return bent.astype(np.float32)
    known, unknown = min(1.0, 2 * (1 - discovery)), min(1.0, 2 * discovery)
    faded = np.where(listening.artist_known, listening.appeal * known, listening.appeal * unknown)
    return (faded + bent - listening.appeal).astype(np.float32)


def mixed(listening: Listening, unheard: Floats, discovery: float) -> Floats:
    """Rank what they know and what they don't together; known tracks fade as the dial turns up.

    Args:
        listening: The listener.
        unheard: ``(n,)`` from `dialled`.
        discovery: 0 to 1.

    Returns:
        ``(n,)``, as `dialled`.
    """
    known = np.float32(2 * (1 - discovery)) * listening.appeal * listening.appeal
    ranked: Floats = np.where(listening.played, known, unheard)
    return ranked


def newness(columns: TrackColumns) -> Floats:
    """Return ``(n,)`` how new each track is, 0..1: by its year, or by its first play if that is unknown."""
    dated = columns.years > 0
    ages = (columns.years.max(initial=0) - columns.years).astype(np.float32)
    by_year: Floats = np.clip(1 - ages / np.float32(NEW_YEARS), 0, 1)
    first = columns.first_played_uts
    if first is None:
        return np.where(dated, by_year, np.float32(0))
    rests = (first.max(initial=0) - first).astype(np.float32)
    by_play = np.where(first > 0, np.clip(1 - rests / np.float32(NEW_S), 0, 1), np.float32(0))
    newest: Floats = np.where(dated, by_year, by_play)
    return newest


def rise(columns: TrackColumns) -> Floats:
    """Return ``(n,)`` how much each track is on the rise, 0..1.

    A track rises when its share of recent plays exceeds the catalogue's; the logarithm of the
    plays keeps a single lucky play from counting as hype.
    """
    recent, plays = columns.recent_plays, columns.plays
    if recent is None or plays is None or not recent.sum():
        return np.zeros(len(columns.years), np.float32)
    recent, plays = recent.astype(np.float32), plays.astype(np.float32)
    usual = np.float32(recent.sum() / max(plays.sum(), 1))
    lift: Floats = (recent + 1) / (plays * usual + 1)
    heat: Floats = np.log1p(recent) / np.log1p(recent.max())
    risen: Floats = heat * np.clip((lift - 1) / np.float32(FULL_LIFT - 1), 0, 1)
    return risen


def mood_leaning(listening: Listening) -> Floats:
    """Return ``(6,)`` how much more of each mood they play than the catalogue holds, or what it holds."""
    shares = listening.columns.mood_shares
    usual: Floats = shares.mean(axis=0)
    if listening.profile is None:
        return usual
    rows = listening.profile.rows
    weights = listening.plays[rows]
    played: Floats = weights @ shares[rows] / weights.sum()
    return played - usual
