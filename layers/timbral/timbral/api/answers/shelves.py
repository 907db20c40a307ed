"""A row of tracks in the making, and the numbers that rank what may stand on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timbral.api.answers.ranking import warm
from timbral.api.answers.standing import standing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from timbral.api.answers.listening import Listening
    from timbral.api.answers.ranking import Ranking
    from timbral.recommender.release.view import Floats, ReleaseView

DEPTH = 300
WARMTH = 0.06
OBSCURITY = 0.3


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
    if discovery == 0.5:  # noqa: PLR2004  the middle of the dial
        return listening.appeal
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
    if listening.profile is None:
        return unheard
    rows = listening.profile.rows
    ranked = unheard.copy()
    ranked[rows] = np.float32(2 * (1 - discovery)) * listening.appeal[rows] ** 2
    return ranked


def mood_leaning(listening: Listening) -> Floats:
    """Return ``(6,)`` how much more of each mood they play than the catalogue holds, or what it holds."""
    shares, usual = listening.columns.mood_shares, standing(listening.columns).usual_moods
    if listening.profile is None:
        return usual
    rows = listening.profile.rows
    weights = listening.leaning[rows]
    played: Floats = weights @ shares[rows] / weights.sum()
    return played - usual
