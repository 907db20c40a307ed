"""Topics: what tags and genres have in common, as few dense columns for the trees to split on.

A tree asks about one tag at a time and most tracks lack most tags; along a topic it parts all tracks at
once. On artists that it hasn't met this is better than the tags themselves, and several times as fast.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from timbral.mood.sparse import Floats, SparseRows, coarsen


@dataclass(frozen=True)
class Topics:
    """A projection.

    Attributes:
        weights: ``(named_width, n_topics)`` of the vectoriser's columns of tags and genres.
    """

    weights: Floats

    def of(self, rows: SparseRows) -> Floats:
        """Return ``(n_rows, n_topics)``, each row the same whatever rows are beside it.

        Args:
            rows: What the vectoriser made of the tracks.
        """
        return coarsen(rows.first(len(self.weights)).times(self.weights).astype(np.float32))


def tree_inputs(opinions: Floats, topics: Floats, facts: Floats) -> Floats:
    """Put what trees look at side by side: ``(n_rows, n_targets + n_topics + n_facts)``."""
    return np.hstack([opinions, topics, facts])
