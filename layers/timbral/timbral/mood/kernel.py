"""Kernel opinions: a track is judged by the labelled tracks that it is most like.

A tree parts tracks by one question at a time and a line weighs each tag alone; likeness to a few hundred
landmarks sees what tags mean together, and changes smoothly. Its errors are others than theirs, so the
three together do better than any (`timbral.mood.blend`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from timbral.errors import ContractBroken
from timbral.mood.targets import TARGETS

if TYPE_CHECKING:
    from timbral.mood.sparse import Doubles, Floats

GAMMA: Final = 0.7
"""Likeness is exp(-GAMMA * squared distance); half or double made no difference."""
_OPINION_WEIGHT: Final = 1.5
_SPANS: Final = (14.0, 20.0, 10.0)  # of decades, popularity and minutes
_FACTS_WEIGHT: Final = 2.0
_SMALLEST_NORM = 1e-6


def kernel_inputs(opinions: Floats, topics: Floats, facts: Floats) -> Doubles:
    """Put side by side, on comparable scales, what likeness is measured by.

    Args:
        opinions: ``(n, n_targets)`` of the linear models.
        topics: ``(n, n_topics)``; only their direction counts.
        facts: ``(n, n_facts)`` as `Vectoriser.facts` orders them.

    Returns:
        ``(n, n_targets + n_topics + 1 + n_facts)``.
    """
    wide = topics.astype(np.float64)
    lengths = np.sqrt((wide * wide).sum(axis=1, keepdims=True))
    scaled = facts.astype(np.float64)
    scaled[:, : len(_SPANS)] = _FACTS_WEIGHT * np.minimum(scaled[:, : len(_SPANS)] / _SPANS, 1.0)
    has_decade = _FACTS_WEIGHT * (facts[:, :1] > 0)
    direction = wide / np.maximum(lengths, _SMALLEST_NORM)
    return np.hstack([_OPINION_WEIGHT * opinions.astype(np.float64), direction, has_decade, scaled])


@dataclass(frozen=True)
class KernelOpinions:
    """Landmarks and what each says.

    Attributes:
        landmarks: ``(n_landmarks, n_columns)`` as `kernel_inputs` makes them.
        weights: ``(n_landmarks, n_targets)`` what likeness to each adds.
        intercepts: ``(n_targets,)``.
    """

    landmarks: Doubles
    weights: Doubles
    intercepts: Doubles

    def opine(self, inputs: Doubles) -> Floats:
        """Return ``(n, n_targets)`` opinions.

        Each row is computed by itself and without BLAS, so that it comes out the same bit for bit
        whatever rows are beside it.

        Args:
            inputs: ``(n, n_columns)`` as `kernel_inputs` makes them.
        """
        if inputs.shape[1] != self.landmarks.shape[1]:
            msg = f"the mood model's landmarks have {self.landmarks.shape[1]} columns, not {inputs.shape[1]}"
            raise ContractBroken(msg)
        squares = np.einsum("cd,cd->c", self.landmarks, self.landmarks)
        out = np.empty((len(inputs), self.weights.shape[1]), dtype=np.float32)
        for place, row in enumerate(inputs):
            away = squares - 2 * np.einsum("cd,d->c", self.landmarks, row) + np.einsum("d,d->", row, row)
            out[place] = self.intercepts + np.einsum("c,ct->t", np.exp(-GAMMA * away), self.weights)
        return out

    def to_array(self) -> Doubles:
        """Return all of it as one ``(1 + n_landmarks, n_columns + n_targets)`` array."""
        first = np.concatenate([np.zeros(self.landmarks.shape[1]), self.intercepts])
        return np.vstack([first, np.hstack([self.landmarks, self.weights])])


def split_kernel(array: Doubles) -> KernelOpinions:
    """Read landmarks from the array that `KernelOpinions.to_array` made."""
    width = array.shape[1] - len(TARGETS)
    landmarks, weights = array[1:, :width], array[1:, width:]
    return KernelOpinions(np.ascontiguousarray(landmarks), np.ascontiguousarray(weights), array[0, width:])
