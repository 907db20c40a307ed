"""Search in a release's Lance table: by vector, by names, by words, and all of them fused.

Source: reciprocal rank fusion, Cormack, Clarke and Büttcher, SIGIR 2009.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.recommender.release.view import Floats, Rows, TrackFilter

RANK_OFFSET = 60
CANDIDATES_COUNT = 100
WEIGHTS = {"whole names": 3.0, "names": 1.0, "words": 1.0, "meaning": 1.0}
"""A name that has every word asked for says more than a word or a likeness: who types a name wants it."""
_EF = 200


class SearchIndex:
    """The searches that a release's Lance table answers.

    Args:
        table: As `timbral.recommender.release.search_index` wrote it.
    """

    def __init__(self, table: Any) -> None:
        self._table = table

    def nearest(self, vector: Floats, count: int, only: TrackFilter) -> tuple[Rows, Floats]:
        """Return rows by likeness of track vectors, nearest first, with their cosines."""
        return self._by_vector("vector", vector, count, only)

    def hybrid(self, text: str, vector: Floats, count: int, only: TrackFilter) -> tuple[Rows, Floats]:
        """Return rows by names, words and meaning fused, best first, with fused scores.

        Args:
            text: What was asked for.
            vector: ``(d,)`` its embedding.
            count: How many.
            only: Which tracks count; applied inside each search.
        """
        wanted = max(count, CANDIDATES_COUNT)
        lists: dict[str, Rows | list[int]] = {
            "whole names": self._by_text("names", text, wanted, only, whole=True),
            "names": self._by_text("names", text, wanted, only),
            "words": self._by_text("words", text, wanted, only),
            "meaning": self._by_vector("text_vector", vector, wanted, only)[0] if vector.any() else [],
        }
        return fuse_ranks([(rows, WEIGHTS[name]) for name, rows in lists.items()], count)

    def _by_vector(self, column: str, vector: Floats, count: int, only: TrackFilter) -> tuple[Rows, Floats]:
        query = self._table.search(np.asarray(vector, dtype=np.float32), vector_column_name=column)
        query = query.distance_type("dot").select(["row", "_distance"]).ef(max(_EF, 2 * count)).limit(count)
        found = _filtered(query, only).to_arrow()
        return found.column("row").to_numpy(), (1 - found.column("_distance").to_numpy()).astype(np.float32)

    def _by_text(self, column: str, text: str, count: int, only: TrackFilter, *, whole: bool = False) -> Rows:
        """Search one text column; with ``whole`` every word must be there, one letter off at most."""
        from lancedb.query import FullTextOperator, MatchQuery  # noqa: PLC0415  importing LanceDB takes a second

        words = searchable(text)
        if not words:
            return np.zeros(0, dtype=np.int64)
        operator = FullTextOperator.AND if whole else FullTextOperator.OR
        for fuzziness in (0, 1) if whole else (0,):
            asked = MatchQuery(words, column, fuzziness=fuzziness, operator=operator)
            query = self._table.search(asked, query_type="fts").select(["row", "_score"]).limit(count)
            found = _filtered(query, only).to_arrow()
            if found.num_rows:
                break
        rows: Rows = found.column("row").to_numpy()
        return rows


def searchable(text: str) -> str:
    """Keep letters, digits and spaces of any script: what a full-text query may consist of."""
    kept = (letter if unicodedata.category(letter)[0] in "LNM" else " " for letter in text)
    return " ".join("".join(kept).split())


def fuse_ranks(lists: Sequence[tuple[Rows | Sequence[int], float]], count: int) -> tuple[Rows, Floats]:
    """Fuse ranked lists.

    Args:
        lists: Rows best first, each list with its weight.
        count: How many to return.

    Returns:
        Rows, best first (ties by row), and their scores: the sum of ``weight / (60 + rank)``, ranks from 1.
    """
    scores: dict[int, float] = {}
    for rows, weight in lists:
        for rank, row in enumerate(rows, start=1):
            scores[int(row)] = scores.get(int(row), 0.0) + weight / (RANK_OFFSET + rank)
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
