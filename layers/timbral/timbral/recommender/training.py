"""Train what a release is scored with: factors, predicted factors for the unheard, neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timbral.errors import InvalidInput
from timbral.recommender.models.als import AlsSettings, train_als
from timbral.recommender.models.cold_items import ColdItems
from timbral.recommender.models.content import from_vectors
from timbral.recommender.models.interactions import heard, listeners_per_item

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from timbral.progress import Progress
    from timbral.recommender.models.fold_in import Confidence
    from timbral.recommender.models.interactions import Csr, Interactions

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int32]

NEIGHBOURS_KEPT = 50
_ITEMS_AT_ONCE = 500
LEAST_CO_LISTENERS = 2
"""One listener in common is chance."""


@dataclass(frozen=True)
class Trained:
    """What training gives; row i is track i or listener i.

    Attributes:
        listeners: ``(n_listeners, n_factors)``.
        items: ``(n, n_factors)``, predicted from content where nobody played the track.
        confidence: How plays were weighed.
        regularization: As trained with.
        neighbours: ``(n, k)`` tracks most played by the same people, -1 where there are fewer.
        neighbour_shares: ``(n, k)`` their cosines, 0..1.
        gram: ``(n_factors, n_factors)`` of the trained items: folding in solves against these alone.
        predicted_count: How many tracks' factors were predicted.
    """

    listeners: Floats
    items: Floats
    confidence: Confidence
    regularization: float
    neighbours: Integers
    neighbour_shares: Floats
    gram: Floats
    predicted_count: int


def train(interactions: Interactions, vectors: Floats, settings: AlsSettings, progress: Progress) -> Trained:
    """Train on all plays.

    Args:
        interactions: Listeners by tracks.
        vectors: ``(n, 256)`` track vectors, which the factors of unheard tracks are predicted from.
        settings: Of the factors.
        progress: Told of each iteration.
    """
    factors = train_als(interactions.plays, settings, progress)
    items, predicted_count = with_predicted(factors.items, vectors, listeners_per_item(interactions.plays))
    neighbours, shares = nearest_by_listeners(interactions.plays)
    return Trained(
        listeners=factors.listeners,
        items=items,
        confidence=factors.confidence,
        regularization=factors.regularization,
        neighbours=neighbours,
        neighbour_shares=shares,
        gram=factors.items.T @ factors.items,
        predicted_count=predicted_count,
    )


def with_predicted(items: Floats, vectors: Floats, listeners: NDArray[np.int64]) -> tuple[Floats, int]:
    """Give tracks that nobody has played factors predicted from their vectors.

    Args:
        items: ``(n, n_factors)`` as trained; zeros for tracks that nobody has played.
        vectors: ``(n, 256)`` track vectors.
        listeners: ``(n,)`` how many listeners each track has.

    Returns:
        ``(n, n_factors)`` and how many were predicted: none where there is nothing to learn from.
    """
    unheard = listeners == 0
    features = from_vectors(vectors).features
    try:
        model = ColdItems(features, items, listeners)
    except InvalidInput:
        return items, 0
    complete = items.copy()
    complete[unheard] = model.predict(features[unheard])
    return complete, int(unheard.sum())


def nearest_by_listeners(plays: Csr, count: int = NEIGHBOURS_KEPT) -> tuple[Integers, Floats]:
    """Find the tracks that the same people play.

    Args:
        plays: ``(n_listeners, n)``.
        count: Neighbours kept a track.

    Returns:
        ``(n, count)`` rows, nearest first, ties by row, -1 where there are fewer; and their cosines.
    """
    rows = np.full((plays.shape[1], count), -1, dtype=np.int32)
    shares = np.zeros((plays.shape[1], count), dtype=np.float32)
    counts = listeners_per_item(plays)
    shared = np.flatnonzero(counts >= LEAST_CO_LISTENERS)  # the others can't have that many in common
    binary = heard(plays)[:, shared].tocsr()
    by_item = binary.T.tocsr()
    lengths = np.sqrt(counts[shared]).astype(np.float32)
    for start in range(0, len(shared), _ITEMS_AT_ONCE):
        together = (by_item[start : start + _ITEMS_AT_ONCE] @ binary).tocsr()
        for place in range(together.shape[0]):
            part = slice(together.indptr[place], together.indptr[place + 1])
            others, common = together.indices[part], together.data[part]
            kept = (common >= LEAST_CO_LISTENERS) & (others != start + place)
            others, cosines = others[kept], common[kept] / (lengths[start + place] * lengths[others[kept]])
            if len(cosines) > count:
                enough = cosines >= np.partition(cosines, -count)[-count]
                others, cosines = others[enough], cosines[enough]
            best = np.lexsort((others, -cosines))[:count]
            item = shared[start + place]
            rows[item, : len(best)] = shared[others[best]]
            shares[item, : len(best)] = cosines[best]
    return rows, shares
