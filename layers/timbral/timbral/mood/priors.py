"""What to say of a track of which only a genre is known, or nothing at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from timbral.errors import ContractBroken
from timbral.mood.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from timbral.mood.sparse import Floats

SHRINKAGE = 5.0
"""A genre's mean counts as much as the global one when this many tracks stand behind it."""


@dataclass(frozen=True)
class Priors:
    """Means of all targets.

    Attributes:
        overall: ``(n_targets,)`` over all tracks.
        by_genre: ``(n_targets,)`` over a genre's tracks, shrunk to the overall mean.
    """

    overall: tuple[float, ...]
    by_genre: dict[str, tuple[float, ...]]

    def of(self, genres: Sequence[str]) -> tuple[float, ...]:
        """Return the means of the first genre that is known.

        A genre that isn't is read by its last words: "Swedish death metal" as "death metal", else "metal".

        Args:
            genres: The main one first; none is fine.

        Returns:
            ``(n_targets,)`` shares; the overall means if no genre is known.
        """
        for genre in genres:
            words = genre.split()
            for start in range(len(words)):
                if found := self.by_genre.get(" ".join(words[start:])):
                    return found
        return self.overall

    def to_json(self) -> dict[str, Any]:
        """Return the means as a JSON object."""
        return {"overall": self.overall, "by_genre": self.by_genre}


def load_priors(found: Mapping[str, Any]) -> Priors:
    """Read means from their JSON object.

    Raises:
        ContractBroken: A part is missing or has not one number a target.
    """
    try:
        overall = tuple(found["overall"])
        by_genre = {genre: tuple(means) for genre, means in found["by_genre"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        msg = f"mood priors can't be read: {error!r}"
        raise ContractBroken(msg) from error
    if any(len(means) != len(TARGETS) for means in (overall, *by_genre.values())):
        msg = f"mood priors must have one number for each of {', '.join(TARGETS)}"
        raise ContractBroken(msg)
    return Priors(overall, by_genre)


def fit_priors(genres: Sequence[Sequence[str]], labels: Floats) -> Priors:
    """Average the labels a genre.

    Args:
        genres: Each track's genres.
        labels: ``(n_tracks, n_targets)`` 0..1, NaN where a track has no label for a target.
    """
    known = ~np.isnan(labels)
    filled = np.where(known, labels, 0.0).astype(np.float64)
    overall = filled.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    places: dict[str, list[int]] = {}
    for place, names in enumerate(genres):
        for name in names:
            places.setdefault(name, []).append(place)
    by_genre = {}
    for genre in sorted(places):
        chosen = places[genre]
        total = filled[chosen].sum(axis=0) + SHRINKAGE * overall
        by_genre[genre] = _shares(total / (known[chosen].sum(axis=0) + SHRINKAGE))
    return Priors(_shares(overall), by_genre)


def _shares(means: Any) -> tuple[float, ...]:
    return tuple(round(float(mean), 6) for mean in means)
