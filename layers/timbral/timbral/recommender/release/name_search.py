"""Search by name: which tracks a text may name, and what it most likely means to spell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from timbral.recommender.release.names import folded, resemblance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from timbral.recommender.release.names import NameGrams
    from timbral.recommender.release.view import Rows

CANDIDATES_COUNT = 100
CLOSE_ENOUGH = 75.0
"""Least resemblance, 0 to 100, of a name that is meant: two letters off in eight are still forgiven."""
CLOSE_SPAN = 10.0
"""How much further from the text than the closest name another one may be and still be meant."""
TEXTS_KEPT = 128
ARTICLE = "the "


class Names(NamedTuple):
    """A track's names; the album is empty if it isn't known."""

    title: str
    artist: str
    album: str

    def spellings(self) -> tuple[str, ...]:
        """Return everything that somebody who means this track may type."""
        both = f"{self.title} {self.artist}", f"{self.artist} {self.title}"
        bare = without_article(self.artist)
        return (*self, bare, *both) if self.title else (self.artist, bare)


@dataclass(frozen=True)
class Named:
    """Tracks that a text may name.

    Attributes:
        near: Rows that share groups of letters with it, most first.
        meant: Those of them whose name it nearly is, the closest first, the better known of equally close
            ones; none for most texts.
        suggestion: The artist or title that it misspells, if it does.
    """

    near: Rows
    meant: Rows
    suggestion: str | None


class NameSearch:
    """Searches the names of a release's tracks.

    Args:
        grams: The names' index.
        tracks: `timbral.recommender.release.layout.TRACKS_SCHEMA`, in row order.
    """

    def __init__(self, grams: NameGrams, tracks: pa.Table) -> None:
        self._grams = grams
        self._tracks = tracks.select(list(Names._fields))
        self._popularity = tracks.column("popularity").to_numpy()
        self._everywhere = lru_cache(maxsize=TEXTS_KEPT)(self._find)

    def find(self, text: str, allowed: NDArray[np.bool_] | None = None) -> Named:
        """Find tracks by name.

        Args:
            text: What was typed.
            allowed: ``(n,)`` which rows count; None if all do.
        """
        return self._everywhere(text) if allowed is None else self._find(text, allowed)

    def _find(self, text: str, allowed: NDArray[np.bool_] | None = None) -> Named:
        near = self._grams.closest(text, CANDIDATES_COUNT, allowed)
        names = list(names_of(self._tracks.take(pa.array(near))))
        plain = [Names(*map(folded, own)) for own in names]
        wanted = folded(text)
        likeness = np.array([resemblance(wanted, own.spellings()) for own in plain])
        least = max(CLOSE_ENOUGH, float(likeness.max(initial=0)) - CLOSE_SPAN)
        order = np.lexsort((-self._popularity[near], -likeness))
        return Named(near, near[order[likeness[order] >= least]], _suggestion(wanted, names, plain))


def names_of(tracks: Any) -> Iterator[Names]:
    """Return the names of each row of a table that has these columns."""
    columns = (tracks.column(name).to_pylist() for name in Names._fields)
    return (Names(title, artist, album or "") for title, artist, album in zip(*columns, strict=True))


def _suggestion(wanted: str, names: list[Names], plain: list[Names]) -> str | None:
    """Return the closest artist or title, artists first; None if none is close or the text is one."""
    spelled: dict[str, str] = {}
    for field in ("artist", "title"):
        for own, folded_own in zip(names, plain, strict=True):
            spelled.setdefault(getattr(folded_own, field), getattr(own, field))
    if not wanted or wanted in spelled:
        return None
    likeness = {name: resemblance(wanted, [name, without_article(name)]) for name in spelled}
    best = max(likeness, key=lambda name: likeness[name], default="")
    return spelled[best] if likeness.get(best, 0) >= CLOSE_ENOUGH else None


def without_article(name: str) -> str:
    """Return a name, `folded`, as people type it who leave its article out."""
    return name.removeprefix(ARTICLE) or name
