"""How far a mean could be off, had other listeners been asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESAMPLES_COUNT = 1_000
LEVEL = 0.95


def bootstrap(
    values: NDArray[np.float64], seed: int, resamples: int = RESAMPLES_COUNT, level: float = LEVEL
) -> NDArray[np.float64]:
    """Estimate percentile intervals of column means by drawing listeners with replacement.

    Args:
        values: ``(n_listeners, n_metrics)``.
        seed: Of the draw.
        resamples: How often to draw.
        level: Share of the resampled means inside the interval.

    Returns:
        ``(n_metrics, 2)`` lower and upper ends.

    Source:
        Efron 1979.
    """
    random = np.random.default_rng(seed)
    count = len(values)
    means = np.stack([values[random.integers(0, count, count)].mean(axis=0) for _ in range(resamples)])
    tail = (1 - level) / 2
    return np.asarray(np.quantile(means, [tail, 1 - tail], axis=0).T)
