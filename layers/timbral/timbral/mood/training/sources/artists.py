"""Artists of several files under one id, and what is known of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from timbral.core.normalise import artist_id
from timbral.mood.training.listening import listening_factors
from timbral.mood.training.sources.names import first_artist, lead_artist

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
        self._listening: dict[str, tuple[float, ...]] = {}
        for file in files:
            if file.plays is not None and not self._listening:
                found = listening_factors(file.plays)
                self._listening = {artist_id(name): factors for name, factors in found.items()}
        labelled = (facts.artist for file in files for facts in file.tracks if facts.labels)
        self._known = {*self.tags, *map(lead_artist, filter(None, labelled))}

    def group(self, name: str) -> str:
        """Return the id that all tracks of an artist share, so that folds keep them on one side.

        A joint credit goes with its first name where that is an artist here: what is learned of
        one must not come back as the other.
        """
        lead, first = lead_artist(name), first_artist(name)
        return first if first in self._known else lead

    def tags_of(self, name: str) -> dict[str, float]:
        """Return an artist's tags; of a joint credit that has too few, those of its first name."""
        lead = self.tags.get(lead_artist(name), {})
        return lead if len(lead) >= LEAST_TAGS else self.tags.get(first_artist(name), lead)

    def listening_of(self, name: str) -> tuple[float, ...]:
        """Return where listeners place an artist, or the first of a joint credit; empty if unknown."""
        return self._listening.get(lead_artist(name)) or self._listening.get(first_artist(name), ())

    def listening_by_id(self, own_id: str) -> tuple[float, ...]:
        """Return where listeners place an artist; empty if unknown."""
        return self._listening.get(own_id, ())
