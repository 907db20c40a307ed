"""Search in a release: by vector, by names, by words, and all of them fused.

Source: reciprocal rank fusion, Cormack, Clarke and Büttcher, SIGIR 2009.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np

from timbral.recommender.release.lance import wait_for
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
OFFSET_BITS = np.uint64(0xFFFFFFFF)
FRAGMENT_SHIFT = np.uint64(32)
_EF = 200  # how far a graph is looked through at least
WIDE_FROM, TRACKS_PER_EF, NARROWER = 100_000, 250, 4
"""Beyond so many tracks a graph is looked through further, by one for so many more: at 1,000,000 a breadth of
200 finds 78 % of the ten nearest, 3,200 finds 98 %. Under a filter a quarter of that finds as much."""
_WORDS = re.compile(r"\w+")


class SearchIndex:
    """The searches that a release's Lance table answers.

    Args:
        table: As `timbral.recommender.release.search_index` wrote it, opened for asynchronous use.
        fragment_rows: The first row of each of its fragments.
        tracks_count: How many rows it has.
    """

    def __init__(self, table: Any, fragment_rows: Sequence[int] = (0,), tracks_count: int = 0) -> None:
        self._table = table
        self._tracks_count = tracks_count
        self._fragment_rows = np.array(fragment_rows, dtype=np.int64)

    def near(self, vector: Floats, count: int, only: TrackFilter) -> Rows:
        """Return the rows that the index takes for the nearest to a track vector."""
        query = self._by_vector("vector", vector, count, only)
        ef = breadth(self._tracks_count, count, is_filtered=bool(condition_for(only)))
        return self._rows(wait_for(query.ef(ef).to_arrow()))

    def nearest_many(self, vectors: Floats, count: int, only: TrackFilter) -> Rows:
        """Return the rows nearest to each of ``(k, d)`` track vectors, one after the other, in one query."""
        query = self._by_vector("vector", list(vectors), count, only)
        ef = breadth(
            self._tracks_count, count, is_filtered=bool(condition_for(only)), vectors_count=len(vectors)
        )
        return self._rows(wait_for(query.ef(ef).to_arrow()))

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
        by_words = self._by_words("words", text, CANDIDATES_COUNT, only)
        by_meaning = self._by_vector("text_vector", vector, wanted, only) if vector.any() else None
        words, meaning = wait_for(_both(by_words, by_meaning))
        return {
            "meant": named.meant,
            "near": named.near,
            "words": self._rows(words),
            "meaning": self._rows(meaning),
        }

    def by_words(self, column: str, text: str, count: int, only: TrackFilter) -> Rows:
        """Return rows by BM25 over a text column, best first."""
        words, _ = wait_for(_both(self._by_words(column, text, count, only), None))
        return self._rows(words)

    def _by_words(self, column: str, text: str, count: int, only: TrackFilter) -> Any:
        from lancedb.query import MatchQuery  # noqa: PLC0415  importing LanceDB takes a second

        words = searchable(text)
        if not words:
            return None
        query = self._table.query().nearest_to_text(MatchQuery(words, column))
        return _filtered(query.select(["_score"]).with_row_id().limit(count), only)

    def _by_vector(self, column: str, vector: Floats | list[Floats], count: int, only: TrackFilter) -> Any:
        query = self._table.query().nearest_to(vector).column(column).distance_type("dot")
        return _filtered(query.select(["_distance"]).with_row_id().ef(max(_EF, count)).limit(count), only)

    def _rows(self, found: Any) -> Rows:
        if found is None:
            return np.zeros(0, dtype=np.int64)
        return rows_of(found.column("_rowid").to_numpy(), self._fragment_rows)


def breadth(tracks_count: int, count: int, *, is_filtered: bool, vectors_count: int = 1) -> int:
    """Return how far a graph is looked through for the nearest tracks.

    Args:
        tracks_count: How many tracks it has.
        count: How many are wanted.
        is_filtered: Whether a filter passes over some.
        vectors_count: How many are looked from, which share what one would be given.
    """
    wide = max(tracks_count - WIDE_FROM, 0) // TRACKS_PER_EF // (NARROWER if is_filtered else 1)
    return max(_EF + wide // vectors_count, count)


async def _both(one: Any, other: Any) -> list[Any]:
    """Ask two queries at once; None asks nothing and gives None."""
    asked = [None if query is None else asyncio.ensure_future(query.to_arrow()) for query in (one, other)]
    return [None if answer is None else await answer for answer in asked]


def rows_of(row_ids: NDArray[np.uint64], fragment_rows: Rows) -> Rows:
    """Return the rows that Lance's row ids stand for.

    A row id is the fragment's number and the place in it, 32 bits each; so long as nothing is changed
    after the build, it says where a row is without reading any column.

    Args:
        row_ids: ``(k,)``.
        fragment_rows: ``(f,)`` the first row of each fragment.
    """
    fragments = (row_ids >> FRAGMENT_SHIFT).astype(np.int64)
    places: Rows = fragment_rows[fragments] + (row_ids & OFFSET_BITS).astype(np.int64)
    return places


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
    return query.where(condition) if condition else query


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
