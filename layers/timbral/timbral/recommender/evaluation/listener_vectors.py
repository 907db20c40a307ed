"""Ways to place a listener among the factors, measured where there is history and where there are picks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy import sparse

from timbral.recommender.evaluation.evaluate import evaluate_split
from timbral.recommender.evaluation.protocols import holdout, strong
from timbral.recommender.models.als import Als, AlsSettings
from timbral.recommender.models.content import unit_rows

if TYPE_CHECKING:
    from timbral.progress import Progress
    from timbral.recommender.models.content import Content
    from timbral.recommender.models.interactions import Csr, Floats, Interactions

PICKS_COUNT = 5
Placing = Literal["fold-in", "mean", "mean by plays", "mean by log plays"]
MODELS: tuple[tuple[Placing, bool], ...] = (
    ("fold-in", False),
    ("mean", False),
    ("mean by plays", False),
    ("mean by log plays", False),
    ("fold-in", True),
    ("mean by plays", True),
)
"""How listeners are placed, and whether items are then ranked by cosine and not by the product."""


class PlacedListeners:
    """Scores by ALS factors, with listeners placed in one of several ways.

    Args:
        als: Shared, so that it is trained once.
        placing: How listeners are placed.
        by_cosine: Rank by cosine; else by the product of factors.
    """

    def __init__(self, als: Als, placing: Placing, *, by_cosine: bool = False) -> None:
        self.als = als
        self.placing = placing
        self.by_cosine = by_cosine

    def fit(self, train: Interactions, content: Content | None, progress: Progress) -> None:
        """Train the factors."""
        self.als.fit(train, content, progress)

    def score(self, plays: Csr) -> Floats:
        """Place the listeners and score all items for them."""
        items = self.als.factors.items
        if self.placing == "fold-in":
            scores = self.als.score(plays)
        else:
            scores = mean_of_factors(plays, items, self.placing) @ items.T
        if not self.by_cosine:
            return scores
        lengths = np.linalg.norm(items, axis=1)
        return np.asarray(scores / np.maximum(lengths, np.float32(1e-9)), dtype=np.float32)


def mean_of_factors(plays: Csr, items: Floats, placing: Placing) -> Floats:
    """Place listeners at the mean of what they played.

    Args:
        plays: ``(n, n_items)``; what is below zero counts for nothing.
        items: ``(n_items, n_factors)``.
        placing: How plays weigh.

    Returns:
        ``(n, n_factors)``, of any length: it doesn't change a listener's order of items.
    """
    weighed = sparse.csr_matrix(plays, dtype=np.float32, copy=True)
    counts = np.maximum(weighed.data, 0)
    weights = {"mean": np.sign(counts), "mean by plays": counts, "mean by log plays": np.log1p(counts)}
    weighed.data = weights[placing].astype(np.float32)
    placed: Floats = unit_rows(weighed) @ items
    return placed


def measure_listener_vectors(
    interactions: Interactions, seed: int, progress: Progress, settings: AlsSettings | None = None
) -> dict[str, Any]:
    """Measure all ways, with listeners' history and with five picks of newcomers.

    Args:
        interactions: Who played what.
        seed: Of the divisions, the factors and the intervals.
        progress: Told of the work.
        settings: How to train; the defaults if None.

    Returns:
        By question and model: metrics and their 95 % intervals.
    """
    als = settings or AlsSettings(seed=seed)
    questions = {
        "history, trained": holdout(interactions, seed),
        "history, newcomers": strong(interactions, seed),
        f"{PICKS_COUNT} picks, newcomers": strong(interactions, seed, PICKS_COUNT),
    }
    found: dict[str, Any] = {}
    for question, part in questions.items():
        shared = Als(als)
        models = {
            f"{placing}, cosine" if by_cosine else placing: PlacedListeners(
                shared, placing, by_cosine=by_cosine
            )
            for placing, by_cosine in MODELS
        }
        found[question] = evaluate_split(part, None, seed, models=models, progress=progress).to_json()
    return found
