"""EASE: the closed-form linear model from all items to all items, without a diagonal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from timbral.errors import InvalidInput
from timbral.recommender.models.interactions import heard

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from timbral.progress import Progress
    from timbral.recommender.models.content import Content
    from timbral.recommender.models.interactions import Csr, Floats, Interactions

REGULARIZATION = 100.0
SIDE_LIMIT = 20_000  # the inverse is dense: 3.2 GB in double precision at this side


class Ease:
    """Solves for weights W with zero diagonal that minimise ``|X - XW|² + regularization · |W|²``.

    The solution needs ``P = (XᵀX + rI)⁻¹``, items by items. By Woodbury's identity
    ``P = (I - Xᵀ (XXᵀ + rI)⁻¹ X) / r``, so the inverse is taken on the smaller side.

    Args:
        regularization: Weight of W's squared length.
        side_limit: Refuse when listeners and items both number more than this.

    Source:
        Steck 2019, "Embarrassingly shallow autoencoders for sparse data".
    """

    def __init__(self, regularization: float = REGULARIZATION, side_limit: int = SIDE_LIMIT) -> None:
        self.regularization = regularization
        self.side_limit = side_limit
        self._train: Interactions | None = None
        self._known: Csr
        self._inverse: Floats
        self._diagonal: Floats
        self._dual: bool

    def fit(self, train: Interactions, content: Content | None, progress: Progress) -> None:  # noqa: ARG002 - see Scorer
        """Invert on the smaller side.

        Raises:
            InvalidInput: Both sides are larger than the limit.
        """
        if train is self._train:
            return
        if min(train.plays.shape) > self.side_limit:
            raise InvalidInput(
                f"EASE inverts a dense matrix of listeners or items, at most {self.side_limit} on a side; "
                f"here are {train.n_listeners} and {train.n_items}"
            )
        known = heard(train.plays).astype(np.float64)
        self._dual = train.n_listeners <= train.n_items
        gram = (known @ known.T if self._dual else known.T @ known).toarray()
        gram[np.diag_indices_from(gram)] += self.regularization
        inverse = np.linalg.inv(gram)
        self._diagonal = self._precision_diagonal(known, inverse).astype(np.float32)
        self._inverse, self._known, self._train = inverse.astype(np.float32), known.astype(np.float32), train

    def _precision_diagonal(self, known: Csr, inverse: NDArray[np.float64]) -> NDArray[np.float64]:
        if not self._dual:
            return np.asarray(np.diag(inverse))
        covered = np.asarray(known.multiply(inverse @ known).sum(axis=0)).ravel()
        return (1 - covered) / self.regularization

    def score(self, plays: Csr) -> Floats:
        """Apply ``W = I - P / diag(P)`` to what listeners played."""
        own = heard(plays)
        if self._dual:
            through = np.asarray((own @ self._known.T) @ self._inverse)
            applied = (own.toarray() - np.asarray(through @ self._known)) / self.regularization
        else:
            applied = np.asarray(own @ self._inverse)
        return np.asarray(own.toarray() - applied / self._diagonal)
