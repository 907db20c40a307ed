"""What diversity costs: accuracy of lists that were diversified more and more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from timbral.recommender.evaluation.metrics import HEAD, hits, ndcg, ranking
from timbral.recommender.models.diversity import diversify

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from timbral.recommender.evaluation.protocols import Split
    from timbral.recommender.models.interactions import Floats
    from timbral.recommender.models.scorer import Scorer

DIVERSITIES: Final = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
MOST_COST: Final = 0.05
"""Share of NDCG@10 that diversity may cost."""
_MOST_LISTENERS = 300


def ndcg_by_diversity(part: Split, model: Scorer, vectors: Floats) -> dict[str, float]:
    """Diversify each listener's 50 best, and measure what is left of NDCG@10.

    Args:
        part: What is seen and what must be found; its first 300 listeners are asked.
        model: Fitted on ``part.train``.
        vectors: ``(n_items, d)`` that say how alike items are, of any length.

    Returns:
        ``{weight of diversity: NDCG@10}``, weights as text, for a log.
    """
    seen, test = part.seen[:_MOST_LISTENERS], part.test[:_MOST_LISTENERS]
    counts = np.diff(test.indptr)
    asked = counts > 0
    scores = model.score(seen)[asked]
    ranked, relevant = ranking(scores, seen[asked]), test[asked]
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    found = {}
    for diversity in DIVERSITIES:
        heads = np.full((len(ranked), HEAD), -1, dtype=np.int64)
        for place, row in enumerate(ranked):
            candidates = row[row >= 0]
            chosen = diversify(scores[place, candidates], unit[candidates], HEAD, diversity=diversity)
            heads[place, : len(chosen)] = candidates[chosen]
        found[str(diversity)] = float(ndcg(hits(heads, relevant), counts[asked]).mean())
    return found


def most_affordable(found: Sequence[Mapping[str, float]]) -> float:
    """Return the most diversity that costs at most `MOST_COST` of NDCG@10 on the mean over data sets.

    Args:
        found: As `ndcg_by_diversity` says, a data set each.
    """
    kept = [
        np.mean([one[str(diversity)] / max(one["0.0"], 1e-12) for one in found]) for diversity in DIVERSITIES
    ]
    return max(
        diversity
        for diversity, share in zip(DIVERSITIES, kept, strict=True)
        if share >= 1 - MOST_COST or not diversity
    )
