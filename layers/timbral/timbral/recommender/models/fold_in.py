"""A listener's place in the factor space from their plays: one exact least-squares solve, numpy alone."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from timbral.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Indices = NDArray[np.int64]

Weighting = Literal["discounted", "binary", "log1p"]


@dataclass(frozen=True)
class Confidence:
    """How sure a play makes us, beside the 1 that every unheard item has.

    Attributes:
        weighting: ``discounted``: 1 + ``scale`` times the item's own weight, more for what the
            listener plays more than the rest of theirs; ``binary``: 1 + ``scale``, however often it
            was played; ``log1p``: log(1 + plays), the textbook form, which trusts a single play less
            than silence.
        scale: What a play adds to 1.
        item_weights: ``(n_items,)`` for ``discounted``: popular items say less about a listener.
        emphasis: For ``discounted``: 0 if all of a listener's items count alike, 1 if their weight
            goes from 0 to 2 with their place in order of plays.
    """

    weighting: Weighting
    scale: float
    item_weights: Floats | None = None
    emphasis: float = 0.0

    def __post_init__(self) -> None:
        if self.weighting not in get_args(Weighting):
            raise InvalidInput(f"weighting must be one of {get_args(Weighting)}, not {self.weighting!r}")
        if self.weighting == "discounted" and self.item_weights is None:
            raise InvalidInput("weighting 'discounted' needs item_weights")

    def of(self, items: Indices, plays: Floats, indptr: Indices | None = None) -> Floats:
        """Turn plays into signed confidences.

        Args:
            items: ``(n,)`` which items.
            plays: ``(n,)`` how often; below zero for skips and dislikes.
            indptr: ``(n_listeners + 1,)`` where each listener's part begins; None for one listener.

        Returns:
            ``(n,)``; below zero where the listener is sure *not* to like the item.
        """
        if self.weighting == "log1p":
            sure = np.log1p(np.abs(plays))
        elif self.item_weights is not None and self.weighting == "discounted":
            bounds = np.array([0, len(items)]) if indptr is None else indptr
            grades = 1 - self.emphasis + self.emphasis * _grades(np.abs(plays), bounds)
            sure = 1 + self.scale * self.item_weights[items] * grades
        else:
            sure = np.full(len(items), 1 + self.scale)
        return (np.sign(plays) * sure).astype(np.float32)


def _grades(plays: Floats, indptr: Indices) -> NDArray[np.float64]:
    """Give each play its place within its listener, 0..2 with a mean of 1; equal counts, equal places."""
    counts = np.diff(indptr)
    rows = np.repeat(np.arange(len(counts)), counts)
    order = np.lexsort((plays, rows))
    steps = (np.diff(rows[order]) != 0) | (np.diff(plays[order]) != 0)
    starts = np.append(np.flatnonzero(np.append(len(plays) > 0, steps)), len(plays))
    middles = np.repeat((starts[:-1] + starts[1:] - 1) / 2, np.diff(starts))
    places = np.empty(len(plays))
    places[order] = middles - indptr[rows[order]] + 1
    return np.asarray(2 * places / (counts[rows] + 1))


class FoldIn:
    """Solves for listeners, given items that stay as they are.

    Args:
        item_factors: ``(n_items, n_factors)``.
        regularization: The same as in training.
        gram: ``(n_factors, n_factors)`` ``FᵀF`` of the factors F that were trained, where ``item_factors``
            are others besides; computed if None.

    Source:
        Hu, Koren, Volinsky 2008, equation 4.
    """

    def __init__(self, item_factors: Floats, regularization: float, gram: Floats | None = None) -> None:
        self._factors = np.asarray(item_factors, dtype=np.float32)
        wide = self._factors.astype(np.float64)
        squared = wide.T @ wide if gram is None else gram.astype(np.float64)
        self._gram = squared + regularization * np.eye(wide.shape[1])

    def one(self, items: Indices, confidences: Floats) -> Floats:
        """Place one listener.

        Args:
            items: ``(n,)`` rows of the item factors, each at most once.
            confidences: ``(n,)`` signed, see `Confidence.of`.

        Returns:
            ``(n_factors,)``; zeros for a listener without plays.
        """
        known = self._factors[items].astype(np.float64)
        sure = np.abs(confidences).astype(np.float64)
        normal = self._gram + (known.T * (sure - 1)) @ known
        target = known.T @ np.maximum(confidences, 0)
        return np.linalg.solve(normal, target).astype(np.float32)

    def many(self, indptr: Indices, items: Indices, confidences: Floats) -> Floats:
        """Place several listeners, given as the three arrays of a CSR matrix.

        Returns:
            ``(n_listeners, n_factors)``.
        """
        placed = np.zeros((len(indptr) - 1, self._factors.shape[1]), dtype=np.float32)
        for row, (start, end) in enumerate(pairwise(indptr)):
            if end > start:
                placed[row] = self.one(items[start:end], confidences[start:end])
        return placed
