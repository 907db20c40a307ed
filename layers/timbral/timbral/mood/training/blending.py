"""How much each member counts, learned from predictions of artists that it had not met."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

from timbral.mood.blend import MEMBERS, Blend
from timbral.mood.targets import TARGETS

if TYPE_CHECKING:
    from timbral.mood.sparse import Doubles, Floats, Wholes

_STEPS: Final = 20
_SHARES: Final = (
    np.array([row for row in product(range(_STEPS + 1), repeat=3) if sum(row) == _STEPS]) / _STEPS
)
_PRIOR_ROWS: Final = 50.0
"""So many rows speak for equal shares, as if the members erred there independently of each other."""


def fit_blend(members: Floats, labels: Floats) -> Blend:
    """Choose the shares of least squared error.

    Args:
        members: ``(n, n_members, n_targets)`` predictions of rows whose artists the members had not met.
        labels: ``(n, n_targets)`` NaN where unknown.

    Returns:
        The best blend; equal shares for a target without labels.
    """
    shares = np.full((len(MEMBERS), len(TARGETS)), 1 / len(MEMBERS), dtype=np.float32)
    for column in range(len(TARGETS)):
        said = np.clip(members[:, :, column], 0.0, 1.0).astype(np.float64)
        errors = said - labels[:, [column]]
        errors = errors[~np.isnan(errors).any(axis=1)]
        if len(errors):
            losses = _losses(errors)
            shares[:, column] = _SHARES[int(np.argmin(losses))]
    return Blend(shares)


def _losses(errors: Doubles) -> Doubles:
    """Return the squared error of each of `_SHARES`, of ``(n, n_members)`` errors and those of the prior."""
    products = errors.T @ errors
    products += _PRIOR_ROWS * np.mean(np.diag(products)) / len(errors) * np.eye(len(MEMBERS))
    losses: Doubles = np.einsum("sm,mk,sk->s", _SHARES, products, _SHARES)
    return losses


def blend_each_fold(members: Floats, labels: Floats, folds: Wholes) -> Floats:
    """Blend each fold by shares that were chosen on the other folds alone.

    Args:
        members: As for `fit_blend`.
        labels: As for `fit_blend`.
        folds: ``(n,)`` each row's fold.

    Returns:
        ``(n, n_targets)``.
    """
    mixed = np.empty(labels.shape, dtype=np.float32)
    for fold in np.unique(folds):
        inside = folds == fold
        mixed[inside] = fit_blend(members[~inside], labels[~inside]).mix(members[inside])
    return mixed
