"""Kernel ridge regression over landmarks (Nyström's approximation), fitted on held-out linear opinions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from timbral.mood.kernel import GAMMA, KernelOpinions
from timbral.mood.training.linear import crowding_weights, group_by_mask

if TYPE_CHECKING:
    from timbral.mood.sparse import Doubles, Floats, Wholes

MOST_LANDMARKS: Final = 512
"""Twice as many did no better."""
_ALPHAS: Final = (1.0, 3.0, 10.0, 30.0)
_CROWDING: Final = 0.03


def fit_kernel(inputs: Doubles, labels: Floats, artists: Wholes, folds: Wholes) -> KernelOpinions:
    """Fit all targets; each one's regularisation is what does best on one fold of artists not seen.

    Args:
        inputs: ``(n, n_columns)`` as `timbral.mood.kernel.kernel_inputs` makes them.
        labels: ``(n, n_targets)`` NaN where unknown.
        artists: ``(n,)`` each row's artist, numbered from 0.
        folds: ``(n,)`` each row's fold; fold 0 judges.
    """
    from sklearn.kernel_approximation import Nystroem  # noqa: PLC0415  only training loads it

    distinct = np.unique(inputs, axis=0)
    count = min(MOST_LANDMARKS, len(distinct))
    found = Nystroem(gamma=GAMMA, n_components=count, random_state=0).fit(distinct)
    features = found.transform(inputs)
    weights = np.zeros((count, labels.shape[1]))
    intercepts = np.zeros(labels.shape[1])
    for columns, known in group_by_mask(labels):
        targets = labels[known][:, columns].astype(np.float64)
        crowded = crowding_weights(artists[known], _CROWDING)
        own, intercepts[columns] = _fit(features[known], targets, crowded, folds[known] == 0)
        weights[:, columns] = found.normalization_.T @ own
    return KernelOpinions(found.components_, weights, intercepts)


def _fit(features: Doubles, targets: Doubles, crowded: Doubles, judge: Any) -> tuple[Doubles, Doubles]:
    """Return ``(n_features, n_targets)`` coefficients and ``(n_targets,)`` intercepts."""
    chosen = np.full(targets.shape[1], _ALPHAS[len(_ALPHAS) // 2])
    if judge.any() and not judge.all():
        models = _ridges(features[~judge], targets[~judge], crowded[~judge])
        errors = [
            np.mean((features[judge] @ own + start - targets[judge]) ** 2, axis=0) for own, start in models
        ]
        chosen = np.array(_ALPHAS)[np.argmin(errors, axis=0)]
    models = _ridges(features, targets, crowded)
    own, starts = np.empty((features.shape[1], targets.shape[1])), np.empty(targets.shape[1])
    for column, alpha in enumerate(chosen):
        of_alpha = models[_ALPHAS.index(float(alpha))]
        own[:, column], starts[column] = of_alpha[0][:, column], of_alpha[1][column]
    return own, starts


def _ridges(features: Doubles, targets: Doubles, crowded: Doubles) -> list[tuple[Doubles, Doubles]]:
    """Fit a ridge regression for each of `_ALPHAS`; they share the product that costs most."""
    from scipy.linalg import solve  # noqa: PLC0415  only training loads it

    middle, mean = (np.average(values, axis=0, weights=crowded) for values in (features, targets))
    roots = np.sqrt(crowded)[:, np.newaxis]
    centred = (features - middle) * roots
    products, moments = centred.T @ centred, centred.T @ ((targets - mean) * roots)
    models = []
    for alpha in _ALPHAS:
        own = solve(products + alpha * np.eye(len(products)), moments, assume_a="pos")
        models.append((own, mean - middle @ own))
    return models
