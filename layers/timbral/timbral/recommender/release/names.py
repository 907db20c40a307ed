"""Names that somebody may misspell: candidates by three-letter groups, then the closest of them.

A full-text index over such groups gives the same candidates but reads long lists of documents: 73 ms a
query at 100,000 tracks, where this takes one.

Source: RapidFuzz, https://rapidfuzz.github.io/RapidFuzz/ (normalised edit similarity); cosine of
TF-IDF weights over character trigrams, Cavnar and Trenkle 1994.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from timbral.recommender.release.view import Floats, Rows

    Integers = NDArray[np.int32]

BUCKETS_COUNT = 1 << 16
"""Groups of letters share this many lists; two in one list cost a little precision and no recall."""
MOST_GROUPS = 20
"""Of a long text only the rarest groups are looked up: the common ones have long lists and say little."""
SAMPLED_EACH, SPARE = 32, 8
_MIX = np.uint32(2_654_435_761)  # Knuth's multiplicative hash


@dataclass(frozen=True)
class NameGrams:
    """Which rows' names have which groups of three letters.

    Attributes:
        starts: ``(BUCKETS_COUNT + 1,)`` where each bucket's rows begin.
        rows: ``(m,)`` rows, bucket by bucket, ascending within one.
        lengths: ``(n,)`` length of each row's vector of weights.
    """

    starts: Integers
    rows: Integers
    lengths: Floats

    def closest(self, text: str, count: int, allowed: NDArray[np.bool_] | None = None) -> Rows:
        """Return the rows whose names share most with a text, the most alike first, ties by row.

        Args:
            text: What was typed.
            count: How many at most.
            allowed: ``(n,)`` which rows count; None if all do.
        """
        if not len(self.lengths):
            return np.zeros(0, np.int64)
        buckets = _buckets(folded(text))
        counts = self.starts[buckets + 1] - self.starts[buckets]
        rarest = buckets[np.lexsort((buckets, counts))][:MOST_GROUPS]
        lists = [self.rows[self.starts[bucket] : self.starts[bucket + 1]] for bucket in rarest.tolist()]
        weights = _weights(np.array([len(own) for own in lists]), len(self.lengths)) ** 2
        likeness = np.zeros(len(self.lengths), np.float32)
        for own, weight in zip(lists, weights.astype(np.float32), strict=True):
            likeness[own] += weight  # no row is in a list twice
        likeness /= self.lengths
        if allowed is not None:
            likeness[~allowed] = 0
        found = np.flatnonzero(likeness > _cut(likeness, count))
        likeness = likeness[found]
        if len(found) > count:
            best = np.argpartition(-likeness, count - 1)[:count]
            found, likeness = found[best], likeness[best]
        return found[np.lexsort((found, -likeness))]


def index_names(names: Sequence[str]) -> NameGrams:
    """Index the names of all rows, ``(n,)`` texts."""
    padded = [f" {folded(name)} " for name in names]
    letters = _code_points("".join(padded))
    owners = np.repeat(np.arange(len(names), dtype=np.int64), [len(name) for name in padded])
    buckets = _hashed(letters)
    within = owners[: len(buckets)] == owners[len(owners) - len(buckets) :]
    pairs = buckets[within].astype(np.int64) * max(len(names), 1) + owners[: len(buckets)][within]
    pairs.sort()  # numpy's own unique is many times slower here
    pairs = pairs[np.diff(pairs, prepend=-1) != 0]
    rows = pairs % max(len(names), 1)
    counts = np.bincount(pairs // max(len(names), 1), minlength=BUCKETS_COUNT)
    squares = np.repeat(_weights(counts, len(names)) ** 2, counts)
    lengths = np.sqrt(np.bincount(rows, weights=squares, minlength=len(names)))
    starts = np.concatenate([[0], np.cumsum(counts)])
    return NameGrams(
        starts.astype(np.int32), rows.astype(np.int32), np.maximum(lengths, 1e-6).astype(np.float32)
    )


def resemblance(text: str, names: Iterable[str]) -> float:
    """Return how much a text is like the closest of some names, 0 to 100: 100 if it is one of them.

    Two wrong letters of ten leave about 80.

    Args:
        text: What was typed, `folded`.
        names: Names, `folded`.
    """
    from rapidfuzz import fuzz  # noqa: PLC0415  only a search pays for it

    return max((float(fuzz.ratio(text, name)) for name in names if name), default=0.0)


def folded(name: str) -> str:
    """Return a name without case, accents and outer spaces."""
    if name.isascii():
        return " ".join(name.lower().split())
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(unicodedata.normalize("NFC", plain).split())


def _cut(likeness: Floats, count: int) -> float:
    """Return a likeness that so many rows or more exceed, as a sample says; 0 if it can't be told."""
    if len(likeness) < SAMPLED_EACH * SAMPLED_EACH:
        return 0.0
    wanted = 2 * count // SAMPLED_EACH + SPARE
    cut = float(np.partition(likeness[::SAMPLED_EACH], -wanted)[-wanted])
    return cut if np.count_nonzero(likeness > cut) >= count else 0.0


def _buckets(text: str) -> NDArray[np.uint32]:
    return np.unique(_hashed(_code_points(f" {text} ")))


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _hashed(letters: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the bucket of each group of three letters, in order; none for fewer letters."""
    if len(letters) < 3:  # noqa: PLR2004  a group has three
        return np.zeros(0, np.uint32)
    mixed = letters[:-2] * np.uint32(31 * 31) + letters[1:-1] * np.uint32(31) + letters[2:]
    return np.asarray((mixed * _MIX) >> np.uint32(16))


def _weights(counts: NDArray[np.int64], rows_count: int) -> NDArray[np.float64]:
    return np.asarray(np.log1p(rows_count / np.maximum(counts, 1)))
