"""Learn what few tracks say of a listener, from the favourites of those of whom much is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from timbral.recommender.models.interactions import (
    entry_rows,
    heard,
    items_per_listener,
    most_played,
    to_csr,
)
from timbral.recommender.models.newcomers import FAVOURITES_COUNT, newcomer_weight

if TYPE_CHECKING:
    from timbral.recommender.models.interactions import Csr, Floats, Indices

LEAST_ITEMS = 2 * FAVOURITES_COUNT
"""Of whom fewer are known, too little beside the favourites tells their place."""
MOST_LISTENERS = 3_000
"""The solution is dense in listeners; more are no better than a sample."""
RIDGE = 10.0


def learn_newcomer_factors(plays: Csr, listeners: Floats, features: Csr | None, seed: int) -> Floats:
    """Regress trained places on favourites, by the tracks themselves and by what they are like.

    Args:
        plays: ``(n_listeners, n_items)``.
        listeners: ``(n_listeners, n_factors)`` where training placed them.
        features: ``(n_items, n_features)`` CSR, rows of length 1 or 0; None if nothing is known.
        seed: Of the sample, where there are more listeners than are learned from.

    Returns:
        ``(n_items, n_factors)``: the sum over five tracks is where such a listener is expected;
        zeros where nothing can be learned.

    Source:
        Ridge regression in its dual form, Saunders, Gammerman and Vovk 1998.
    """
    known = _sample(np.flatnonzero(items_per_listener(plays) >= LEAST_ITEMS), seed)
    if not len(known):
        return np.zeros((plays.shape[1], listeners.shape[1]), dtype=np.float32)
    favourites = _favourites(plays[known])
    likeness = sparse.csr_matrix((len(known), 0)) if features is None else favourites @ features
    kernel = (favourites @ favourites.T + likeness @ likeness.T).toarray().astype(np.float64)
    kernel[np.diag_indices_from(kernel)] += RIDGE
    weights = np.linalg.solve(kernel, listeners[known].astype(np.float64)).astype(np.float32)
    learned = favourites.T @ weights
    if features is not None:
        learned = learned + features @ (likeness.T @ weights)
    return np.asarray(learned, dtype=np.float32)


def _sample(rows: Indices, seed: int) -> Indices:
    if len(rows) <= MOST_LISTENERS:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, MOST_LISTENERS, replace=False))


def _favourites(plays: Csr) -> Csr:
    chosen = most_played(plays, FAVOURITES_COUNT)
    rows = entry_rows(plays)[chosen]
    return to_csr(np.ones(len(rows), np.float32), rows, plays.indices[chosen], plays.shape)


def leanings(newcomer_factors: Floats, plays: Csr) -> Floats:
    """Say by how much each listener's fold-in is to be moved; see `newcomers.leaning`.

    Args:
        newcomer_factors: ``(n_items, n_factors)``.
        plays: ``(n, n_items)``.

    Returns:
        ``(n, n_factors)``.
    """
    known = heard(plays)
    counts = np.diff(known.indptr).astype(np.float64)
    scale = FAVOURITES_COUNT * newcomer_weight(counts) / np.maximum(counts, 1)
    few = sparse.diags(scale) @ known  # who is known well enough costs nothing
    few.eliminate_zeros()
    return np.asarray(few @ newcomer_factors, dtype=np.float32)
