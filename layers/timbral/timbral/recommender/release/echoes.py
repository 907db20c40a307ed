"""What the best of a search are called says what was meant: the others are judged by it, too.

A text rarely uses the words that people tag with. The best ten that names, words and meaning find together
share some that it does not have; whoever bears them, and not what all that was found bears, is moved up.

Source: pseudo-relevance feedback, as of Lavrenko and Croft, SIGIR 2001, on labels instead of words.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from timbral.recommender.release.search import RANK_OFFSET, coverage, fuse

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from timbral.recommender.release.view import Floats, Rows

TELLING_COUNT = 10
"""The best, that say what was meant; twice and half as many do about as well."""
JUDGED_COUNT = 100
WEIGHT = 2.0
"""Beside `timbral.recommender.release.search.WEIGHTS`; chosen, as they were, on the development half."""
_TRUST_OFFSET = 10
"""The first says twice as much of what was meant as the eleventh would."""


def hybrid(
    text: str,
    ranked: Mapping[str, Rows],
    labels_of: Callable[[Rows], Sequence[Collection[str]]],
    count: int,
) -> tuple[Rows, Floats]:
    """Put what names, words and meaning find into one list.

    Args:
        text: What was asked for.
        ranked: As `timbral.recommender.release.search.SearchIndex.ranked` returns it.
        labels_of: Returns the genres, moods and tags of each of some rows.
        count: How many to return.

    Returns:
        Rows, best first, and how well each matches.
    """
    covered = coverage(text, labels_of(ranked["words"]))
    if len(ranked["meant"]):
        return fuse(ranked, covered, count)  # a name says by itself what was meant
    rows, scores = fuse(ranked, covered, max(count, JUDGED_COUNT))
    return echoed(rows, scores, [tuple(dict.fromkeys(own)) for own in labels_of(rows[:JUDGED_COUNT])], count)


def echoed(rows: Rows, scores: Floats, labels: Sequence[Collection[str]], count: int) -> tuple[Rows, Floats]:
    """Move up what is called as the best are.

    Args:
        rows: ``(n,)`` what was found, best first.
        scores: ``(n,)`` how well each matches.
        labels: The genres, moods and tags of the first `JUDGED_COUNT` of them, each once.
        count: How many to return.

    Returns:
        Rows, best first (ties as they were), and their scores.
    """
    borne = Counter(label for own in labels for label in own)
    said: dict[str, float] = {}
    for place, own in enumerate(labels[:TELLING_COUNT]):
        trust = 1 / ((_TRUST_OFFSET + place) * math.sqrt(len(own) or 1))
        for label in own:
            said[label] = said.get(label, 0.0) + trust * math.log((len(labels) + 1) / borne[label])
    sums = [sum(said.get(label, 0.0) for label in own) for own in labels]
    alike = np.array(sums) / np.sqrt([len(own) or 1 for own in labels])
    ranks = np.empty(len(alike), dtype=np.int64)
    ranks[np.argsort(-alike, kind="stable")] = np.arange(1, len(alike) + 1)
    blended = scores.copy()
    blended[: len(alike)] += (WEIGHT / (RANK_OFFSET + ranks)).astype(np.float32)
    order = np.argsort(-blended, kind="stable")[:count]
    return rows[order], blended[order]
