"""Tracks that the same people play: found once in training, asked for by whoever is scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from timbral.recommender.models.co_listening import VOTE_POWER
from timbral.recommender.models.interactions import heard, listeners_per_item, to_csr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from timbral.recommender.models.interactions import Csr

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int32]

NEIGHBOURS_KEPT = 50
_ITEMS_AT_ONCE = 500
LEAST_CO_LISTENERS = 2
"""One listener in common is chance."""


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


def vote_matrix(neighbours: Integers, shares: Floats) -> Csr:
    """Write down what each track says of each other, as `co_listening` counts it.

    Args:
        neighbours: ``(n, k)`` as `nearest_by_listeners` found them.
        shares: ``(n, k)``.

    Returns:
        ``(n, n)`` CSR: the rows of what somebody played add up to their votes.
    """
    known = neighbours >= 0
    rows = np.nonzero(known)[0]
    n = len(neighbours)
    return to_csr(shares[known] ** VOTE_POWER, rows, neighbours[known].astype(np.int64), (n, n))
