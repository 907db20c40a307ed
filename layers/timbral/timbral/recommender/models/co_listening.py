"""What somebody's tracks say of others by who else plays both; numpy alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

VOTE_POWER = 2  # on inner holdouts of HetRec and Taste Profile a little better than 1


def co_listening(neighbours: NDArray[np.int32], shares: Floats, rows: Rows, power: int = 1) -> Floats:
    """Let some tracks vote for those that are played by the same people.

    Args:
        neighbours: ``(n, k)`` tracks most played by the same people, -1 where there are fewer.
        shares: ``(n, k)`` how much, 0..1.
        rows: Tracks that vote.
        power: Of the shares; a higher one lets few close neighbours outvote many lukewarm ones.

    Returns:
        ``(n,)`` sums of powers of shares, 0 for tracks that are nobody's neighbour.
    """
    found, weights = neighbours[rows].ravel(), shares[rows].ravel() ** power
    known = found >= 0
    return np.bincount(found[known], weights=weights[known], minlength=len(neighbours)).astype(np.float32)
