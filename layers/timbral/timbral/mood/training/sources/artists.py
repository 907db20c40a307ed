"""Artists of several files under one id, and what is known of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from typing import TYPE_CHECKING, Final

from timbral.core.credits import read_artist
from timbral.core.normalise import artist_id
from timbral.mood.training.listening import listening_factors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.mood.training.sources.facts import FileFacts

LEAST_TAGS: Final = 3
"""Fewer tags of an artist say too little to be taken for a joint credit, or learned from."""


class Artists:
    """What files say of artists.

    Args:
        files: The files.
    """

    def __init__(self, files: Sequence[FileFacts]) -> None:
        self.tags: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for file in files:
            for name, weights in file.artist_tags.items():
                for tag, weight in weights.items():
                    self.tags[artist_id(name)][tag] += weight
        self._genres: dict[str, Counter[str]] = defaultdict(Counter)
        for file in files:
            for name, genres in file.artist_genres.items():
                self._genres[artist_id(name)].update(genres)
        self._listening: dict[str, tuple[float, ...]] = {}
        for file in files:
            if file.plays is not None and not self._listening:
                found = listening_factors(file.plays)
                self._listening = {artist_id(name): factors for name, factors in found.items()}
        labelled = (facts.artist for file in files for facts in file.tracks if facts.labels)
        self._known = {*self.tags, *map(_lead, filter(None, labelled))}

    def group(self, name: str) -> str:
        """Return the id that all tracks of an artist share, so that folds keep them on one side.

        A joint credit goes with its first name where that is an artist here: what is learned of
        one must not come back as the other.
        """
        lead, first = _lead(name), _first(name)
        return first if first in self._known else lead

    def tags_of(self, name: str) -> dict[str, float]:
        """Return an artist's tags; of a joint credit that has too few, those of its first name."""
        lead = self.tags.get(_lead(name), {})
        return lead if len(lead) >= LEAST_TAGS else self.tags.get(_first(name), lead)

    def genres_of(self, name: str) -> tuple[str, ...]:
        """Return the genres of an artist's albums, the commonest first, or its first name's."""
        found = self._genres.get(_lead(name)) or self._genres.get(_first(name), Counter[str]())
        return tuple(genre for genre, _ in sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))

    def listening_of(self, name: str) -> tuple[float, ...]:
        """Return where listeners place an artist, or the first of a joint credit; empty if unknown."""
        return self._listening.get(_lead(name)) or self._listening.get(_first(name), ())

    def listening_by_id(self, own_id: str) -> tuple[float, ...]:
        """Return where listeners place an artist; empty if unknown."""
        return self._listening.get(own_id, ())


@cache
def _lead(name: str) -> str:
    return artist_id(name)


@cache
def _first(name: str) -> str:
    return artist_id(read_artist(name).members[0])
