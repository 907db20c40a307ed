"""Textbook definitions of how good a ranking is, one value per listener."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timbral.errors import ContractBroken
from timbral.recommender.models.interactions import entry_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from timbral.recommender.models.interactions import Csr, Floats, Indices

HEAD = 10
DEPTH = 50


def ranking(scores: Floats, excluded: Csr | None, depth: int = DEPTH) -> Indices:
    """Rank all items but the excluded ones.

    Args:
        scores: ``(n, n_items)``, higher is better.
        excluded: ``(n, n_items)``; what has an entry here isn't ranked.
        depth: Length of the ranking.

    Returns:
        ``(n, depth)`` items, best first, -1 where none is left.

    Raises:
        ContractBroken: A score isn't a finite number.
    """
    if not np.isfinite(scores).all():
        raise ContractBroken("a model gave a score that isn't a finite number")
    ranked = scores.copy()
    if excluded is not None:
        ranked[entry_rows(excluded), excluded.indices] = -np.inf
    width = min(depth, ranked.shape[1])
    top = np.sort(np.argpartition(-ranked, width - 1, axis=1)[:, :width], axis=1)
    order = np.argsort(-np.take_along_axis(ranked, top, axis=1), axis=1, kind="stable")
    top = np.take_along_axis(top, order, axis=1)
    top[np.isneginf(np.take_along_axis(ranked, top, axis=1))] = -1
    return np.pad(top, ((0, 0), (0, depth - width)), constant_values=-1)


def hits(ranked: Indices, relevant: Csr) -> NDArray[np.bool_]:
    """Say which ranked items are relevant, in the shape of ``ranked``."""
    wanted = np.zeros(relevant.shape, dtype=bool)
    wanted[entry_rows(relevant), relevant.indices] = True
    return np.take_along_axis(wanted, np.maximum(ranked, 0), axis=1) & (ranked >= 0)


def precision(hit: NDArray[np.bool_], depth: int = HEAD) -> NDArray[np.float64]:
    """Share of the first ``depth`` places that hold a relevant item; divides by ``depth`` always."""
    return np.asarray(hit[:, :depth].sum(axis=1) / depth)


def recall(hit: NDArray[np.bool_], relevant_count: Indices, depth: int = DEPTH) -> NDArray[np.float64]:
    """Share of the relevant items that stand in the first ``depth`` places."""
    return np.asarray(hit[:, :depth].sum(axis=1) / relevant_count)


def ndcg(hit: NDArray[np.bool_], relevant_count: Indices, depth: int = HEAD) -> NDArray[np.float64]:
    """Gain discounted by ``log2(place + 1)``, over the best possible for as many relevant items.

    Source:
        Järvelin and Kekäläinen 2002, with relevance 0 or 1.
    """
    discount = 1 / np.log2(np.arange(2, depth + 2))
    ideal = np.cumsum(discount)[np.minimum(relevant_count, depth) - 1]
    return np.asarray((hit[:, :depth] * discount).sum(axis=1) / ideal)


@dataclass(frozen=True)
class Catalogue:
    """What the metrics beyond accuracy know of the items.

    Attributes:
        listener_shares: ``(n_items,)`` share of the training listeners who played the item.
        artists: ``(n_items,)`` a number per artist.
        least_share: One listener's share: what an item without any is taken to have for novelty.
    """

    listener_shares: Floats
    artists: Indices
    least_share: float

    def novelty(self, ranked: Indices) -> NDArray[np.float64]:
        """Mean surprise of the items, ``-log2`` of the share of listeners who know them, in bits."""
        surprise = -np.log2(np.maximum(self.listener_shares, self.least_share))
        return _mean_over_places(surprise, ranked)

    def popularity(self, ranked: Indices) -> NDArray[np.float64]:
        """Mean share of listeners who know the items."""
        return _mean_over_places(self.listener_shares, ranked)

    def artist_diversity(self, ranked: Indices) -> NDArray[np.float64]:
        """Distinct artists over the places filled."""
        sets = [self.artists[row[row >= 0]] for row in ranked]
        return np.array([len(np.unique(row)) / max(len(row), 1) for row in sets])


def _mean_over_places(values: Floats, ranked: Indices) -> NDArray[np.float64]:
    filled = ranked >= 0
    total = np.where(filled, values[np.maximum(ranked, 0)], 0).sum(axis=1)
    return np.asarray(total / np.maximum(filled.sum(axis=1), 1), dtype=np.float64)
