"""Did you mean: the known name closest to a misspelt one.

Source: RapidFuzz, https://rapidfuzz.github.io/RapidFuzz/ (normalised Damerau-Levenshtein and ratios).
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

CLOSE_ENOUGH = 78.0
"""Least ratio, 0 to 100: two letters off in ten are still forgiven."""


class NameIndex:
    """All artists and titles of a release, folded for comparing.

    Args:
        artists: Names; repeated ones count once.
        titles: Names; an artist of the same name goes before.
    """

    def __init__(self, artists: Iterable[str], titles: Iterable[str]) -> None:
        self._names: dict[str, str] = {}
        for name in [*artists, *titles]:
            self._names.setdefault(folded(name), name)
        self._choices = list(self._names)

    def closest(self, text: str) -> str | None:
        """Return the closest known name, or None if none is close or the text is itself a name."""
        from rapidfuzz import fuzz, process  # noqa: PLC0415  only a search that found little pays for it

        wanted = folded(text)
        if not wanted or wanted in self._names:
            return None
        found = process.extractOne(wanted, self._choices, scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH)
        return self._names[found[0]] if found else None


def folded(name: str) -> str:
    """Return a name without case, accents and outer spaces."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(letter for letter in decomposed if not unicodedata.combining(letter)).split())
