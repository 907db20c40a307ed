"""Linear opinions: what a ridge regression makes of a track, for the trees to start from.

Trees split on one tag at a time and know nothing of a tag that they never met; a linear model over
tags and text embedding does. Its opinion on every target is a column of the trees' input.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from timbral.errors import ContractBroken
from timbral.mood.sparse import Floats, SparseRows, coarsen, dense_times


@dataclass(frozen=True)
class LinearOpinions:
    """Weights of one linear model a target.

    Attributes:
        with_text: ``(n_targets,)`` intercepts for tracks that have a text embedding.
        without_text: ``(n_targets,)`` intercepts for those that have none, as if theirs were the mean.
        weights: ``(width, n_targets)`` of the vectoriser's columns.
        text_weights: ``(dimension, n_targets)`` of the text embedding; no rows if it isn't looked at.
    """

    with_text: Floats
    without_text: Floats
    weights: Floats
    text_weights: Floats

    def opine(self, rows: SparseRows, text: Floats) -> Floats:
        """Return ``(n_rows, n_targets)`` opinions, each row the same whatever rows are beside it.

        Args:
            rows: What the vectoriser made of the tracks.
            text: ``(n_rows, dimension)`` embeddings, zeros where there is none.

        Raises:
            ContractBroken: The embeddings have another dimension than those that were learned from.
        """
        if text.shape != (len(rows), len(self.text_weights)):
            msg = (
                f"text embeddings are {text.shape[0]} by {text.shape[1]}, the mood model needs "
                f"{len(rows)} by {len(self.text_weights)}"
            )
            raise ContractBroken(msg)
        has_text = np.abs(text).sum(axis=1, keepdims=True) > 0
        intercepts = np.where(has_text, self.with_text, self.without_text)
        opinions = intercepts + rows.times(self.weights) + dense_times(text, self.text_weights)
        return coarsen(opinions.astype(np.float32))

    def to_array(self) -> Floats:
        """Return all weights as one ``(2 + width + dimension, n_targets)`` array."""
        return np.vstack([self.with_text, self.without_text, self.weights, self.text_weights])


def split_array(array: Floats, width: int) -> LinearOpinions:
    """Read weights from the array that `LinearOpinions.to_array` made.

    Args:
        array: ``(2 + width + dimension, n_targets)``.
        width: Number of the vectoriser's columns.
    """
    return LinearOpinions(array[0], array[1], array[2 : 2 + width], array[2 + width :])
