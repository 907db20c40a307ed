"""From which probability on a mood holds, and what that is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from timbral.mood.sparse import Floats, Wholes

    Flags = NDArray[np.bool_]

_GRID = np.round(np.arange(0.05, 0.951, 0.01), 2)


def micro_f1(flags: Flags, truth: Floats) -> float:
    """Return F1 over all known cells together, to four decimals; 0 if nothing is flagged rightly.

    Args:
        flags: ``(n, n_moods)`` what was said.
        truth: ``(n, n_moods)`` 0, 1, or NaN where unknown.
    """
    known = ~np.isnan(truth)
    right = truth == 1
    hits = int((flags & right & known).sum())
    said, there = int((flags & known).sum()), int((right & known).sum())
    return round(2 * hits / (said + there), 4) if said + there else 0.0


def tune_thresholds(scores: Floats, truth: Floats) -> dict[str, float]:
    """Choose the threshold that is worth most over all moods together; of equal ones the middle.

    It is the same for each: a cell adds to micro-F1 if its probability is above half of what is reached,
    whatever mood it is of. Thresholds of their own follow chance and do worse on artists not yet met.

    Args:
        scores: ``(n, 6)`` probabilities of rows that the models have not seen.
        truth: ``(n, 6)`` 0, 1, or NaN where unknown.
    """
    values = np.array([micro_f1(scores >= step, truth) for step in _GRID])
    best = np.flatnonzero(values == values.max())
    return dict.fromkeys(MOODS, float(_GRID[best[len(best) // 2]]))


def flag(scores: Floats, thresholds: dict[str, float]) -> Flags:
    """Return ``(n, 6)`` whether each mood holds."""
    flags: Flags = scores >= np.array([thresholds[mood] for mood in MOODS])
    return flags


def nested_flags(scores: Floats, truth: Floats, folds: Wholes) -> Flags:
    """Flag each fold by thresholds that were tuned on the other folds alone."""
    flags = np.zeros(scores.shape, dtype=bool)
    for fold in np.unique(folds):
        inside = folds == fold
        flags[inside] = flag(scores[inside], tune_thresholds(scores[~inside], truth[~inside]))
    return flags


def constant_flags(truth: Floats) -> Flags:
    """Return the best answer that is the same for every track: its commonest moods, so many as are best.

    Args:
        truth: ``(n, n_moods)`` 0, 1, or NaN where unknown.
    """
    order = np.argsort(-np.nanmean(truth, axis=0), kind="stable")
    answers = [
        np.broadcast_to(np.isin(np.arange(truth.shape[1]), order[:count]), truth.shape)
        for count in range(1, truth.shape[1] + 1)
    ]
    return max(answers, key=lambda flags: micro_f1(flags, truth))


def best_constant(truth: Floats) -> float:
    """Return the micro-F1 of `constant_flags`."""
    return micro_f1(constant_flags(truth), truth)
