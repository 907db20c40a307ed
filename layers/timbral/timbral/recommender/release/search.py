"""Search in a release: by vector, by names, by words, and all of them fused.

Source: reciprocal rank fusion, Cormack, Clarke and Büttcher, SIGIR 2009.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np

from timbral.recommender.release.names import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from timbral.recommender.release.name_search import Named
    from timbral.recommender.release.view import Floats, Rows, TrackFilter

RANK_OFFSET = 20
CANDIDATES_COUNT = 100
WEIGHTS = {"meant": 8.0, "near": 0.1, "words": 3.0, "meaning": 1.0}
"""Chosen, with the offset, on half of the queries of `timbral.recommender.evaluation.search_quality`. Whoever
types a name wants it, so a name that was meant goes before all else; one that only shares letters says
little. Words count as far as they cover the text: a track that bears one of two words is no match."""
_EF = 200  # how far a graph is looked through, at least as far as there are wanted
_WORDS = re.compile(r"\w+")


class SearchIndex:
    """The searches that a release's Lance table answers.

    Args:
        table: As `timbral.recommender.release.search_index` wrote it.
    """

    def __init__(self, table: Any) -> None:
        self._table = table

    def nearest(self, vector: Floats, count: int, only: TrackFilter) -> tuple[Rows, Floats]:
        """Return rows by likeness of track vectors, nearest first, with cosines as the index rounds them."""
        return self._by_vector("vector", vector, count, only)

    def nearest_many(self, vectors: Floats, count: int, only: TrackFilter) -> Rows:
        """Return the rows nearest to each of ``(k, d)`` track vectors, one after the other, in one query."""
        rows: Rows = self._by_vector("vector", list(vectors), count, only)[0]
        return rows

    def ranked(
        self, text: str, vector: Floats, named: Named, count: int, only: TrackFilter
    ) -> dict[str, Rows]:
        """Return rows by names, words and meaning apart, best first; see `WEIGHTS` for their names.

        Args:
            text: What was asked for.
            vector: ``(d,)`` its embedding.
            named: Tracks that it may name, within the filter.
            count: How many.
            only: Which tracks count; applied inside each search.
        """
        wanted = max(count, CANDIDATES_COUNT)
        nothing = np.zeros(0, dtype=np.int64)
        return {
            "meant": named.meant,
            "near": named.near,
            "words": self.by_words("words", text, CANDIDATES_COUNT, only),
            "meaning": self._by_vector("text_vector", vector, wanted, only)[0] if vector.any() else nothing,
        }

    def by_words(self, column: str, text: str, count: int, only: TrackFilter) -> Rows:
        """Return rows by BM25 over a text column, best first."""
        from lancedb.query import MatchQuery  # noqa: PLC0415  importing LanceDB takes a second

        words = searchable(text)
        if not words:
            return np.zeros(0, dtype=np.int64)
        asked = MatchQuery(words, column)
        query = self._table.search(asked, query_type="fts").select(["row", "_score"]).limit(count)
        rows: Rows = _filtered(query, only).to_arrow().column("row").to_numpy()
        return rows

    def _by_vector(
        self, column: str, vector: Floats | list[Floats], count: int, only: TrackFilter
    ) -> tuple[Rows, Floats]:
        query = self._table.search(vector, vector_column_name=column)
        query = query.distance_type("dot").select(["row", "_distance"]).ef(max(_EF, count)).limit(count)
        found = _filtered(query, only).to_arrow()
        return found.column("row").to_numpy(), (1 - found.column("_distance").to_numpy()).astype(np.float32)


def searchable(text: str) -> str:
    """Keep letters, digits and spaces of any script: what a full-text query may consist of."""
    kept = (letter if unicodedata.category(letter)[0] in "LNM" else " " for letter in text)
    return " ".join("".join(kept).split())


def coverage(text: str, labels: Iterable[Iterable[str]]) -> Floats:
    """Return for each track the share of a text's words that are among its labels, ``(n,)`` 0..1.

    Args:
        text: What was asked for.
        labels: The genres, moods and tags of each track.
    """
    asked = set(_WORDS.findall(folded(text)))
    borne = [len(asked.intersection(_WORDS.findall(folded(" ".join(own))))) for own in labels]
    return np.array(borne, dtype=np.float32) / np.float32(max(len(asked), 1))


def fuse(ranked: Mapping[str, Rows], covered: Floats, count: int) -> tuple[Rows, Floats]:
    """Fuse a search's lists by `WEIGHTS`.

    Args:
        ranked: As `SearchIndex.ranked` returns them.
        covered: `coverage` of the rows in the list of words.
        count: How many to return.

    Returns:
        As `fuse_ranks`.
    """
    weights = {name: np.full(len(rows), WEIGHTS[name]) for name, rows in ranked.items()}
    weights["words"] = weights["words"] * covered
    return fuse_ranks([(rows, weights[name]) for name, rows in ranked.items()], count)


def fuse_ranks(lists: Sequence[tuple[Rows, NDArray[np.float64]]], count: int) -> tuple[Rows, Floats]:
    """Fuse ranked lists.

    Args:
        lists: Rows best first, each list with the weights of its rows.
        count: How many to return.

    Returns:
        Rows, best first (ties by row), and their scores: the sum of ``weight / (RANK_OFFSET + rank)``, with
        ranks from 1.
    """
    scores: dict[int, float] = {}
    for rows, weights in lists:
        points = weights / (RANK_OFFSET + np.arange(1, len(rows) + 1))
        for row, point in zip(rows.tolist(), points.tolist(), strict=True):
            scores[row] = scores.get(row, 0.0) + point
    best = sorted(scores, key=lambda row: (-scores[row], row))[:count]
    return np.array(best, dtype=np.int64), np.array([scores[row] for row in best], dtype=np.float32)


def _filtered(query: Any, only: TrackFilter) -> Any:
    condition = condition_for(only)
    return query.where(condition, prefilter=True) if condition else query


def condition_for(only: TrackFilter) -> str:
    """Write a filter as a DataFusion expression; every text in it is a quoted literal."""
    conditions = []
    if only.genres:
        conditions.append(f"array_has_any(genres, [{', '.join(map(_literal, only.genres))}])")
    if only.moods:
        conditions.append(f"array_has_any(moods, [{', '.join(map(_literal, only.moods))}])")
    if only.year_from is not None:
        conditions.append(f"year >= {int(only.year_from)}")
    if only.year_to is not None:
        conditions.append(f"year <= {int(only.year_to)}")
    return " AND ".join(conditions)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
