"""MPNet's classes of distance between two word pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

FARTHEST = 128


def distance_buckets(reach: int, buckets_count: int) -> npt.NDArray[np.int64]:
    """Sort distances into buckets: near ones each have their own, far ones share on a log scale.

    Half of the buckets look back and half ahead. Of each half, half hold one distance each; the others
    widen evenly in the logarithm up to ``FARTHEST``, and all beyond share the last.

    Args:
        reach: The largest distance, in word pieces.
        buckets_count: Buckets in all, a multiple of 4.

    Returns:
        ``(2 · reach + 1,)``, the bucket of distance ``i - reach``; negative looks back.

    Source:
        Raffel et al. 2020 (T5), section 2.1, as MPNet uses it.
    """
    distance = np.arange(-reach, reach + 1)
    half = buckets_count // 2
    exact = half // 2
    far = np.maximum(np.abs(distance), 1).astype(np.float32)
    # float32 throughout: the trained weights belong to the buckets that float32 rounding gives
    steps = np.log(far / np.float32(exact)) / np.float32(np.log(FARTHEST / exact)) * np.float32(half - exact)
    shared = np.minimum(exact + steps.astype(np.int64), half - 1)
    nearness = np.where(np.abs(distance) < exact, np.abs(distance), shared)
    return nearness + np.where(distance > 0, half, 0)
