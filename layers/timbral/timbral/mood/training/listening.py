"""Where listeners place artists: factors of who plays whom, known of an artist before anybody tags it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from timbral.mood.sparse import Doubles, Wholes

FACTORS_COUNT: Final = 64
_DECIMALS = 6


@dataclass(frozen=True)
class Plays:
    """Who played which artist how often.

    Attributes:
        artists: ``(n_artists,)`` names or ids.
        listeners: ``(n,)`` index of each row's listener.
        items: ``(n,)`` index of its artist.
        counts: ``(n,)`` plays, at least 1.
    """

    artists: tuple[str, ...]
    listeners: Wholes
    items: Wholes
    counts: Doubles


def listening_factors(plays: Plays) -> dict[str, tuple[float, ...]]:
    """Place artists so that those with the same listeners lie close.

    Plays count by their logarithm, and less for an artist whom many know; the factors are the leading
    singular vectors. They are fitted without a look at any label.

    Args:
        plays: The plays of at least two artists and two listeners.

    Returns:
        ``{artist: (n_factors,) of length 1}``; empty if there is too little to place.
    """
    from scipy.sparse import csr_matrix, diags  # noqa: PLC0415  only training loads it
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415  as above

    shape = (int(plays.listeners.max(initial=-1)) + 1, len(plays.artists))
    count = min(FACTORS_COUNT, *(side - 1 for side in shape))
    if count < 1:
        return {}
    table = csr_matrix((np.log1p(plays.counts), (plays.listeners, plays.items)), shape=shape)
    listeners_counts = np.bincount(table.indices, minlength=shape[1])
    weighted = table @ diags(1 / np.sqrt(listeners_counts + 1))
    found = TruncatedSVD(count, random_state=0).fit(weighted)
    factors = found.components_.T * found.singular_values_
    lengths = np.linalg.norm(factors, axis=1, keepdims=True)
    unit = np.round(factors / np.where(lengths > 0, lengths, 1), _DECIMALS)
    known = np.flatnonzero((lengths[:, 0] > 0) & (listeners_counts > 0))
    return {plays.artists[place]: tuple(map(float, unit[place])) for place in known}
