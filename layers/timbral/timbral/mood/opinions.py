"""Linear opinions: what a ridge regression makes of a track, for the trees to start from.

Trees split on one tag at a time and know nothing of a tag that they never met; a linear model over
tags and text embedding does. Its opinion on every target is a column of the trees' input.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from timbral.errors import ContractBroken
from timbral.mood.sparse import Floats, SparseRows, coarsen, dense_times
from timbral.mood.targets import REGRESSIONS

LINEAR_SHARE: Final = 0.5
"""What a mood's linear opinion counts beside its trees: on artists held out, both together parted moods
better than either alone. Energy and valence are left to their trees, which linear opinions only blur."""


def with_opinions(answers: Floats, opinions: Floats) -> Floats:
    """Put together what trees and linear models say.

    Args:
        answers: ``(n, n_targets)`` of the trees.
        opinions: ``(n, n_targets)`` of the linear models.

    Returns:
        ``(n, n_targets)`` shares, 0 to 1.
    """
    both = np.clip(answers, 0.0, 1.0)
    moods = slice(len(REGRESSIONS), None)
    both[:, moods] *= np.float32(1 - LINEAR_SHARE)
    both[:, moods] += np.float32(LINEAR_SHARE) * np.clip(opinions[:, moods], 0.0, 1.0)
    return np.asarray(both, dtype=np.float32)


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
