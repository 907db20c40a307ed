"""Factors for items that nobody has played yet, predicted from their content."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from timbral.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from timbral.recommender.models.interactions import Csr, Floats

RIDGE = 3.0  # among hidden HetRec artists 1, 3 and 8 differ by less than seeds do
MIN_LISTENERS = 3  # an item with fewer has a factor that is mostly chance


class ColdItems:
    """Ridge regression from content to factors, weighted by how well each factor is known.

    The ridge is solved on the smaller side, features or items: both give the same weights.

    Args:
        features: ``(n_items, n_features)`` CSR, rows of length 1 or 0.
        factors: ``(n_items, n_factors)`` trained item factors.
        listeners: ``(n_items,)`` how many listeners each item has.
        ridge: Weight of the squared weights.
        min_listeners: Learn from items with at least so many.

    Raises:
        InvalidInput: No item has both content and enough listeners.
    """

    def __init__(
        self,
        features: Csr,
        factors: Floats,
        listeners: NDArray[np.int64],
        *,
        ridge: float = RIDGE,
        min_listeners: int = MIN_LISTENERS,
    ) -> None:
        known = (listeners >= min_listeners) & (np.diff(features.indptr) > 0)
        if not known.any():
            raise InvalidInput(
                f"no item has both content and at least {min_listeners} listeners to learn from"
            )
        self._mean = factors[known].mean(axis=0)
        self._weights = _ridge(features[known], factors[known] - self._mean, ridge)

    def predict(self, features: Csr) -> Floats:
        """Predict factors.

        Args:
            features: ``(n, n_features)`` of the same kind as learned from.

        Returns:
            ``(n, n_factors)``; an item without content gets the mean factor.
        """
        return np.asarray(features @ self._weights + self._mean, dtype=np.float32)


def _ridge(features: Csr, wanted: Floats, ridge: float) -> NDArray[np.float64]:
    wide, targets = features.astype(np.float64), wanted.astype(np.float64)
    tall = wide.shape[0] >= wide.shape[1]
    gram = (wide.T @ wide if tall else wide @ wide.T).toarray()
    gram[np.diag_indices_from(gram)] += ridge
    if tall:
        return np.asarray(np.linalg.solve(gram, wide.T @ targets))
    return np.asarray(wide.T @ np.linalg.solve(gram, targets))
