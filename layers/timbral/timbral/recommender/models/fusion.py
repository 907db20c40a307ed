"""Several opinions about each item brought to one scale and added up; numpy alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from timbral.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

Scaling = Literal["min-max", "z"]


@dataclass(frozen=True)
class Blend:
    """The weights of the parts; only their ratios matter.

    Attributes:
        alpha: Of collaborative filtering.
        beta: Of likeness in content.
        gamma: Of being little known: a trade of accuracy for novelty.
        delta: Of being played by those who play the listener's own tracks.
        scaling: How each listener's collaborative and likeness scores come to one scale.
    """

    alpha: float = 0.6
    beta: float = 0.3
    gamma: float = 0.1
    delta: float = 0.0
    scaling: Scaling = "min-max"

    def __post_init__(self) -> None:
        for name in ("alpha", "beta", "gamma", "delta"):
            weight = getattr(self, name)
            if not (np.isfinite(weight) and weight >= 0):
                raise InvalidInput(f"{name} must be a finite number of at least 0, not {weight!r}", name)
        if self.scaling not in get_args(Scaling):
            raise InvalidInput(f"scaling must be one of {get_args(Scaling)}, not {self.scaling!r}", "scaling")


def fuse(
    cf: Floats, likeness: Floats, popularity: Floats, blend: Blend, together: Floats | None = None
) -> Floats:
    """Score candidates: ``alpha · cf + beta · likeness + gamma · (1 - popularity) + delta · together``.

    A factor product has no bounds and a cosine has: all but the share are scaled within the listener first.
    (A rank over all listeners would throw away how sure a score is, and costs most of the accuracy.)

    Args:
        cf: ``(..., n_items)`` collaborative-filtering scores, any scale, one listener per row.
        likeness: ``(..., n_items)`` cosine of item and listener in the content space, -1..1.
        popularity: ``(n_items,)`` or ``(..., n_items)`` share of items fewer people play, 0..1.
        blend: The weights.
        together: ``(..., n_items)`` how much those play it who play the listener's tracks, any scale;
            None if it isn't known.

    Returns:
        ``(..., n_items)``, unitless, higher is better; comparable within one listener and call only.

    Raises:
        ValueError: The shapes differ.

    Source:
        Weighted linear fusion, after Lee 1997 and Fox and Shaw 1994 (CombSUM over min-max scores).
    """
    if together is not None and together.shape != cf.shape:
        raise ValueError(f"shapes differ: cf {cf.shape}, together {together.shape}")
    if cf.shape != likeness.shape or popularity.shape not in (cf.shape, cf.shape[-1:]):
        raise ValueError(
            f"shapes differ: cf {cf.shape}, likeness {likeness.shape}, popularity {popularity.shape}"
        )
    scale = z_scaled if blend.scaling == "z" else min_max_scaled
    fused = blend.alpha * scale(cf) + blend.beta * scale(likeness) + blend.gamma * (1 - popularity)
    if together is not None and blend.delta:
        fused += blend.delta * scale(together)
    return np.asarray(fused, dtype=np.float32)


def min_max_scaled(scores: Floats) -> Floats:
    """Stretch each row to 0..1; a row of equal scores becomes 0."""
    if not scores.shape[-1]:
        return scores
    low = scores.min(axis=-1, keepdims=True)
    span = scores.max(axis=-1, keepdims=True) - low
    return np.where(span > 0, (scores - low) / np.where(span > 0, span, 1), 0)


def z_scaled(scores: Floats) -> Floats:
    """Bring each row to mean 0 and standard deviation 1; a row of equal scores becomes 0."""
    if not scores.shape[-1]:
        return scores
    centred = scores - scores.mean(axis=-1, keepdims=True)
    spread = scores.std(axis=-1, keepdims=True)
    flat = np.ptp(scores, axis=-1, keepdims=True) == 0
    return np.asarray(np.where(flat, 0, centred / np.where(flat | (spread == 0), 1, spread)))


def popularity_shares(listeners_per_item: NDArray[np.int64]) -> Floats:
    """Turn listener counts into the share of items that fewer people play, 0..1, ``(n_items,)``."""
    if not len(listeners_per_item):
        return np.zeros(0, dtype=np.float32)
    below = np.searchsorted(np.sort(listeners_per_item), listeners_per_item, side="left")
    return (below / len(listeners_per_item)).astype(np.float32)
