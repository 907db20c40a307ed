"""A list that isn't ten times the same: maximal marginal relevance and a cap per artist; numpy alone."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from timbral.errors import InvalidInput
from timbral.recommender.models.fusion import min_max_scaled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Indices = NDArray[np.int64]

DIVERSITY = 0.3  # as the weight of *diversity*: as the weight of relevance it costs a quarter of the quality


def diversify(
    scores: Floats,
    vectors: Floats,
    count: int,
    *,
    diversity: float = DIVERSITY,
    artists: Indices | None = None,
    per_artist: int | None = None,
) -> Indices:
    """Choose a list one by one: good, and unlike what is chosen already.

    Each step takes the largest ``(1 - diversity) · score - diversity · closest``, where ``score`` is on
    0..1 within the candidates and ``closest`` the largest cosine to anything chosen.

    Args:
        scores: ``(n,)`` higher is better; minus infinity for what must not be chosen.
        vectors: ``(n, d)`` of length 1, or 0 where unknown.
        count: How many to choose at most.
        diversity: 0 (order of scores) to 1.
        artists: ``(n,)`` a number per artist, for the cap.
        per_artist: How many of one artist at most; None for no cap.

    Returns:
        Positions of the chosen, best first; fewer than ``count`` if the candidates run out.
        Ties go to the earlier position.

    Raises:
        InvalidInput: ``diversity`` is outside 0..1, or ``per_artist`` below 1.

    Source:
        Carbonell and Goldstein 1998, with the weight turned around.
    """
    if not 0 <= diversity <= 1:
        raise InvalidInput(f"diversity must lie in 0..1, not {diversity!r}", "diversity")
    if per_artist is not None and per_artist < 1:
        raise InvalidInput(f"per_artist must be at least 1, not {per_artist!r}", "per_artist")
    allowed = np.isfinite(scores)
    worth = np.full(len(scores), -np.inf, dtype=np.float32)
    worth[allowed] = (1 - diversity) * min_max_scaled(scores[allowed].astype(np.float64))
    likeness = np.float32(diversity) * (vectors @ vectors.T)
    closest: Floats | None = None
    chosen: list[int] = []
    taken: Counter[int] = Counter()
    while len(chosen) < count:
        best = int(np.argmax(worth if closest is None else worth - closest)) if len(worth) else 0
        if not len(worth) or worth[best] == -np.inf:
            break
        closest = likeness[best] if closest is None else np.maximum(closest, likeness[best])
        chosen.append(best)
        worth[best] = -np.inf
        if artists is not None and per_artist is not None:
            taken[int(artists[best])] += 1
            if taken[int(artists[best])] >= per_artist:
                worth[artists == artists[best]] = -np.inf
    return np.array(chosen, dtype=np.int64)
