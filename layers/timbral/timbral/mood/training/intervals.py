"""How far a figure would move with other artists: the bootstrap over whole artists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.mood.sparse import Doubles, Floats
    from timbral.mood.training.thresholds import Flags

ROUNDS_COUNT: Final = 1_000
_ENDS = (2.5, 97.5)
Interval = tuple[float, float]


class ArtistBootstrap:
    """Draws artists with replacement; all of an artist's tracks come together.

    Args:
        artist_ids: ``(n,)`` each row's artist.
        seed: Decides the draws.
    """

    def __init__(self, artist_ids: Sequence[str], seed: int) -> None:
        names, self._artists = np.unique(np.array(artist_ids), return_inverse=True)
        self._count = len(names)
        chance = np.random.default_rng(seed)
        self._draws = chance.multinomial(
            self._count, np.full(self._count, 1 / self._count), size=ROUNDS_COUNT
        ).astype(np.float64)

    def rmse(self, errors: Doubles) -> Interval:
        """Return the 95 % interval of the root mean square of ``(n,)`` errors, NaN where unknown."""
        known = ~np.isnan(errors)
        squares = self._drawn(np.where(known, errors, 0.0) ** 2)
        return _ends(np.sqrt(squares / np.maximum(self._drawn(known.astype(np.float64)), 1)))

    def micro_f1(self, flags: Flags, truth: Floats) -> Interval:
        """Return the 95 % interval of `timbral.mood.training.thresholds.micro_f1`."""
        known, right = ~np.isnan(truth), truth == 1
        hits, said, there = (
            self._drawn(cells.sum(axis=1).astype(np.float64))
            for cells in (flags & right & known, flags & known, right & known)
        )
        return _ends(2 * hits / np.maximum(said + there, 1))

    def _drawn(self, values: Doubles) -> Doubles:
        sums: Doubles = self._draws @ np.bincount(self._artists, weights=values, minlength=self._count)
        return sums


def _ends(values: Doubles) -> Interval:
    low, high = np.percentile(values, _ENDS)
    return round(float(low), 4), round(float(high), 4)
