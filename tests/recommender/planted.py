"""A small planted structure: blocks of items, listeners of one block each, hits that everybody plays."""

from dataclasses import dataclass

import numpy as np

from timbral.recommender.models.content import Content, from_vectors
from timbral.recommender.models.interactions import Events, Interactions, to_csr

DAY_S = 86_400
N_HITS = 5
HEARD_SHARE = 0.7  # of a listener's block
HIT_SHARE = 0.3  # of the hits: far more listeners than any other item has, less liking than a block's


@dataclass(frozen=True)
class Planted:
    """The plays, the content, and for each listener the unheard items of their own block."""

    interactions: Interactions
    content: Content
    truth: np.ndarray
    blocks: np.ndarray


def plant(seed=0, n_blocks=4, items_per_block=15, listeners_per_block=20) -> Planted:
    random = np.random.default_rng(seed)
    blocks = np.append(np.repeat(np.arange(n_blocks), items_per_block), np.full(N_HITS, -1))
    tastes = np.repeat(np.arange(n_blocks), listeners_per_block)
    likes = tastes[:, None] == blocks[None, :]
    played = likes & (random.random(likes.shape) < HEARD_SHARE)
    played |= (blocks == -1) & (random.random(likes.shape) < HIT_SHARE)
    rows, columns = np.nonzero(played)
    plays = to_csr(random.integers(1, 30, len(rows)), rows, columns, likes.shape)
    vectors = np.eye(n_blocks + 1, dtype=np.float32)[blocks] + random.normal(
        0, 0.1, (len(blocks), n_blocks + 1)
    )
    at_uts = random.integers(1_600_000_000, 1_600_000_000 + 400 * DAY_S, len(rows))
    names = np.array([f"listener {n:03d}" for n in range(len(tastes))])
    items = np.array([f"item {n:03d}" for n in range(len(blocks))])
    interactions = Interactions(plays, names, items, Events(rows, columns, at_uts))
    return Planted(interactions, from_vectors(vectors, np.arange(len(blocks)) // 3), likes & ~played, tastes)


def found_share(scores, planted, seen) -> float:
    """Mean share of the first places, as many as there are unheard items, that hold such items."""
    ranked = np.where(seen.toarray() != 0, -np.inf, scores).argsort(axis=1)[:, ::-1]
    shares = []
    for row, truth in zip(ranked, planted.truth, strict=True):
        count = int(truth.sum())
        if count:
            shares.append(truth[row[:count]].mean())
    return float(np.mean(shares))
