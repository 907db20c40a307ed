"""The three kinds of knowledge that a track vector blends, each brought to one scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from timbral.mood.targets import TARGETS
from timbral.tables.columns import AUDIO_FEATURES

if TYPE_CHECKING:
    from collections.abc import Mapping

Floats: TypeAlias = npt.NDArray[np.float32]
Doubles: TypeAlias = npt.NDArray[np.float64]

AUDIO_COLUMNS: Final = tuple(column.name for column in AUDIO_FEATURES)
MOOD_COLUMNS: Final = TARGETS
WEIGHTS: Final[Mapping[str, float]] = {"text": 1.0, "mood": 0.3, "audio": 0.3}
"""Measured on the sample catalogue (ten nearest by other artists): mood at 0.3 keeps 97 % of the neighbours
of one genre family that text alone gives and shares a quarter more moods; at 0.6 a fifth of the families is
lost."""


@dataclass(frozen=True)
class Blocks:
    """What is known of some tracks.

    Attributes:
        text: ``(n, dimension)`` text embeddings, zeros where there is none.
        mood: ``(n, 8)`` energy, valence and moods, 0..1, NaN where there is none.
        audio: ``(n, 9)`` audio features in their own units, NaN where unknown; no columns if the policy
            forbids them.
    """

    text: Floats
    mood: Floats
    audio: Floats

    @property
    def has_audio(self) -> npt.NDArray[np.bool_]:
        """``(n,)`` whether any audio feature is known."""
        return np.asarray((~np.isnan(self.audio)).any(axis=1))

    def slice(self, start: int, end: int) -> Blocks:
        """Return some consecutive rows."""
        return Blocks(self.text[start:end], self.mood[start:end], self.audio[start:end])

    def named(self) -> dict[str, Floats]:
        """Return the blocks by name, in order."""
        return {"text": self.text, "mood": self.mood, "audio": self.audio}


@dataclass(frozen=True)
class Scale:
    """How one block is brought to the common scale.

    Attributes:
        mean: ``(d,)`` of the rows where it is known.
        spread: ``(d,)`` their standard deviation; 1 for a column that never changes, and for text.
        length: The typical length of a centred and spread row.
        weight: What a row of typical length counts.
    """

    mean: Doubles
    spread: Doubles
    length: float
    weight: float

    def apply(self, block: Floats) -> Doubles:
        """Return ``(n, d)`` rows no longer than the weight; what is unknown lies at the mean, at zero.

        A row is brought to length 1, but one that is closer to the mean than is typical stays so: next to
        nothing must not be blown up into a direction.
        """
        centred = np.nan_to_num((block.astype(np.float64) - self.mean) / self.spread)
        lengths = np.sqrt((centred**2).sum(axis=1, keepdims=True))
        scaled: Doubles = centred * (self.weight / np.maximum(lengths, self.length))
        return scaled


def learn_scale(name: str, block: Floats) -> Scale:
    """Learn a block's scale from some tracks.

    Args:
        name: Its name in `WEIGHTS`.
        block: ``(n, d)`` values, NaN where unknown.
    """
    known = ~np.isnan(block)
    counts = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, block, 0).astype(np.float64)
    mean = filled.sum(axis=0) / counts
    centred = np.where(known, filled - mean, 0)
    spread = np.sqrt((centred**2).sum(axis=0) / counts)
    spread = np.ones_like(spread) if name == "text" else np.where(spread > 0, spread, 1.0)
    lengths = np.sqrt(((centred / spread) ** 2).sum(axis=1))
    lengths = lengths[lengths > 0]
    length = float(np.median(lengths)) if len(lengths) else 1.0
    return Scale(mean, spread, length, WEIGHTS[name])
