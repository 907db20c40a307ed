"""Train what a release is scored with: factors, predicted factors for the unheard, neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from timbral.errors import InvalidInput
from timbral.recommender.models.als import AlsSettings, train_als
from timbral.recommender.models.cold_items import ColdItems
from timbral.recommender.models.content import from_vectors
from timbral.recommender.models.favourites import leanings, learn_newcomer_factors
from timbral.recommender.models.interactions import listeners_per_item
from timbral.recommender.models.neighbours import nearest_by_listeners

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from timbral.progress import Progress
    from timbral.recommender.models.fold_in import Confidence
    from timbral.recommender.models.interactions import Interactions
    from timbral.store.checkpoints import Checkpoint

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int32]


@dataclass(frozen=True)
class Trained:
    """What training gives; row i is track i or listener i.

    Attributes:
        listeners: ``(n_listeners, n_factors)``, moved as `models.newcomers` says where little is known.
        items: ``(n, n_factors)``, predicted from content where nobody played the track.
        confidence: How plays were weighed.
        regularization: As trained with.
        neighbours: ``(n, k)`` tracks most played by the same people, -1 where there are fewer.
        neighbour_shares: ``(n, k)`` their cosines, 0..1.
        newcomers: ``(n, n_factors)`` what each track says of a listener of whom little else is known.
        gram: ``(n_factors, n_factors)`` of the trained items: folding in solves against these alone.
        predicted_count: How many tracks' factors were predicted.
    """

    listeners: Floats
    items: Floats
    confidence: Confidence
    regularization: float
    neighbours: Integers
    neighbour_shares: Floats
    newcomers: Floats
    gram: Floats
    predicted_count: int


def train(
    interactions: Interactions,
    vectors: Floats,
    settings: AlsSettings,
    progress: Progress,
    checkpoint: Checkpoint | None = None,
) -> Trained:
    """Train on all plays.

    Args:
        interactions: Listeners by tracks.
        vectors: ``(n, 256)`` track vectors, which the factors of unheard tracks are predicted from.
        settings: Of the factors.
        progress: Told of each iteration.
        checkpoint: Keeps the factors between iterations.
    """
    factors = train_als(interactions.plays, settings, progress, checkpoint)
    items, predicted_count = with_predicted(factors.items, vectors, listeners_per_item(interactions.plays))
    neighbours, shares = nearest_by_listeners(interactions.plays)
    features = from_vectors(vectors).features
    newcomers = learn_newcomer_factors(interactions.plays, factors.listeners, features, settings.seed)
    return Trained(
        listeners=factors.listeners + leanings(newcomers, interactions.plays),
        items=items,
        confidence=factors.confidence,
        regularization=factors.regularization,
        neighbours=neighbours,
        neighbour_shares=shares,
        newcomers=newcomers,
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
