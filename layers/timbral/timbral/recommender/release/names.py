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
READ_ALL_ABOVE = 0.25
"""As long as more of what a text may share isn't looked up yet, nobody tries whether what is will do."""
ROUNDING = 1e-5
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
        lists, weights = self._lists(text)
        found, likeness = self._most_alike(lists, weights, count, allowed)
        best = np.lexsort((found, -likeness))[:count]
        return found[best].astype(np.int64)

    def _lists(self, text: str) -> tuple[list[Integers], Floats]:
        """Return the rows of each of a text's groups, the rarest first, and what sharing one counts."""
        buckets = _buckets(folded(text))
        counts = self.starts[buckets + 1] - self.starts[buckets]
        rarest = np.lexsort((buckets, counts))[:MOST_GROUPS]
        rarest = rarest[counts[rarest] > 0]
        lists = [
            self.rows[self.starts[bucket] : self.starts[bucket + 1]] for bucket in buckets[rarest].tolist()
        ]
        return lists, (_weights(counts[rarest], len(self.lengths)) ** 2).astype(np.float32)

    def _most_alike(
        self, lists: Sequence[Integers], weights: Floats, count: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[Integers, Floats]:
        """Return rows among which the most alike are, and how alike they are.

        A row with none of the groups read so far is as alike as the root of the others' sum at most, for the
        ones it has are part of its own length. As soon as there are enough rows above that, the others, whose
        lists are the longest, are only asked about the rows that they can still help.
        """
        shared = np.zeros(len(self.lengths), np.float32)
        rests = np.cumsum(weights[::-1], dtype=np.float32)[::-1]
        for place, (own, weight) in enumerate(zip(lists, weights, strict=True)):
            np.add.at(shared, own, weight)  # twice as fast as adding to what is taken out
            rest = rests[place + 1] if place + 1 < len(lists) else np.float32(0)
            if rest > READ_ALL_ABOVE * rests[0]:
                continue
            if allowed is not None:
                shared[~allowed] = -np.inf
            found = np.flatnonzero(shared > (1 + ROUNDING) * np.sqrt(rest) * self.lengths)
            if len(found) >= count or not rest:
                return self._completed(shared, found, count, lists[place + 1 :], weights[place + 1 :])
        return np.zeros(0, np.int32), np.zeros(0, np.float32)

    def _completed(
        self, shared: Floats, found: Rows, count: int, lists: Sequence[Integers], weights: Floats
    ) -> tuple[Integers, Floats]:
        """Add what the groups that are left say of the rows that may be among the best.

        Args:
            shared: ``(n,)`` what each row shares so far.
            found: Rows of which none that isn't there can be among the best, unless the groups help it.
            count: How many are wanted.
            lists: The rows of the groups that are left.
            weights: What they count.
        """
        if len(found) >= count:
            likeness, rest = shared[found] / self.lengths[found], weights.sum()
            least = np.partition(likeness, -count)[-count] * np.float32(1 - ROUNDING)
            if rest:
                found = np.flatnonzero(shared + rest >= least * self.lengths)
            else:
                found = found[likeness >= least]
        rows, sums = found.astype(np.int32), shared[found]
        for own, weight in zip(lists, weights, strict=True):
            places = np.minimum(np.searchsorted(own, rows), len(own) - 1)
            sums += weight * (own[places] == rows)
        return rows, sums / self.lengths[rows]


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
