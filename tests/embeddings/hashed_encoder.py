"""An encoder for tests of other stages: instant, and texts that share words are alike."""

import re
from functools import lru_cache

import numpy as np

from timbral.digests import digest_json, digest_text


class HashedEncoder:
    """Sums one pseudo-random direction per word and brings the sum to length 1.

    Args:
        dimension: Length of a vector; at 64, texts without a word in common have a cosine around ±0.12.
    """

    def __init__(self, dimension=64):
        self.name = "hashed"
        self.dimension = dimension
        self.fingerprint = digest_json(["hashed", dimension])

    def encode(self, texts):
        rows = [self._row(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.dimension), dtype=np.float32)

    def _row(self, text):
        words = re.findall(r"\w+", text.casefold())
        if not words:
            return np.zeros(self.dimension, dtype=np.float32)
        total = sum(_direction(word, self.dimension) for word in words)
        return (total / np.linalg.norm(total)).astype(np.float32)


@lru_cache(maxsize=100_000)
def _direction(word, dimension):
    return np.random.default_rng(int(digest_text(word), 16)).standard_normal(dimension)
