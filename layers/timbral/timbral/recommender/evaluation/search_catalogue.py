"""A catalogue that can be searched in each of the ways that are measured against each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from timbral.embeddings.texts import pool_parts, track_texts
from timbral.recommender.release.echoes import hybrid
from timbral.recommender.release.lance import open_table
from timbral.recommender.release.name_search import NameSearch, names_of
from timbral.recommender.release.names import index_names
from timbral.recommender.release.search import SearchIndex, coverage, fuse
from timbral.recommender.release.search_index import write_search_index
from timbral.recommender.release.view import TrackFilter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from timbral.recommender.evaluation.search_queries import Query, SearchItem
    from timbral.recommender.release.ports import TextEncoder
    from timbral.recommender.release.view import Floats, Rows

METHODS = ("vector", "bm25", "full text", "hybrid")
"""Meaning alone; BM25 over one text of names and words; names and words fused; what is served."""


@dataclass(frozen=True)
class Asked:
    """A query and what each method found for it.

    Attributes:
        query: The query.
        found: Rows by method, best first.
    """

    query: Query
    found: Mapping[str, Rows]


class Searcher:
    """A release's search over some items, and plain BM25 beside it.

    Args:
        folder: An empty folder for the index.
        items: What can be searched for.
        encoder: Of their texts and of the queries.
    """

    def __init__(self, folder: Path, items: Sequence[SearchItem], encoder: TextEncoder) -> None:
        import lancedb  # noqa: PLC0415  it costs nearly a second, and only a measurement of search needs it
        from lancedb.index import FTS  # noqa: PLC0415  as above

        rows = _table(items)
        vectors = embed(items, encoder)
        fragments = write_search_index(folder, rows, vectors, vectors)
        database = lancedb.connect(str(folder))
        self._index = SearchIndex(open_table(str(folder)), fragments)
        names = [" ".join(own) for own in names_of(rows)]
        self._names = NameSearch(index_names(names), rows)
        plain = database.create_table(
            "plain",
            pa.table(
                {
                    "row": pa.array(range(len(items)), pa.int64()),
                    "text": [
                        f"{name}, {', '.join(_words(item))}" for name, item in zip(names, items, strict=True)
                    ],
                }
            ),
        )
        plain.create_index("text", config=FTS())
        self._plain = open_table(str(folder), name="plain")
        self._encoder = encoder
        self._items = items

    def ask(self, query: Query, depth: int) -> Asked:
        """Search for a query in all ways, as deep as that."""
        vector = self._encoder.encode([query.text])[0]
        ranked = self._index.ranked(query.text, vector, self._names.find(query.text), depth, TrackFilter())
        text = {name: rows for name, rows in ranked.items() if name != "meaning"}
        covered = coverage(query.text, self._labels(ranked["words"]))
        plain = SearchIndex(self._plain).by_words("text", query.text, depth, TrackFilter())
        return Asked(
            query,
            {
                "vector": ranked["meaning"][:depth],
                "bm25": plain,
                "full text": fuse(text, covered, depth)[0],
                "hybrid": hybrid(query.text, ranked, self._labels, depth)[0],
            },
        )

    def _labels(self, rows: Rows) -> list[tuple[str, ...]]:
        return [tuple(_words(self._items[row])) for row in rows.tolist()]


def _table(items: Sequence[SearchItem]) -> pa.Table:
    lists = pa.list_(pa.string())
    return pa.table(
        {
            "title": [item.title for item in items],
            "artist": [item.artist for item in items],
            "album": pa.array([item.album for item in items], pa.string()),
            "genres": pa.array([item.genres for item in items], lists),
            "moods": pa.array([item.moods for item in items], lists),
            "tags": pa.array([item.tags for item in items], lists),
            "year": pa.nulls(len(items), pa.int64()),
            "mood_confidence": ["high"] * len(items),
            "popularity": pa.array(np.zeros(len(items), np.float32)),  # of namesakes none goes first by plays
        }
    )


def _words(item: SearchItem) -> Iterator[str]:
    yield from dict.fromkeys((*item.genres, *item.moods, *item.tags))


def embed(items: Sequence[SearchItem], encoder: TextEncoder) -> Floats:
    """Return ``(n, d)`` embeddings of what is known of the items, made as the embeddings stage makes them."""
    parts = [
        track_texts(
            title=item.title or None,
            artist=item.artist,
            tags=item.tags,
            tag_shares=item.tag_shares,
            genres=item.genres,
            year=None,
            album=item.album,
            album_description=item.description,
            review_snippets=(),
        )
        for item in items
    ]
    texts = list(dict.fromkeys(part.text for own in parts for part in own))
    vectors = dict(zip(texts, encoder.encode(texts), strict=True))
    return np.stack(
        [pool_parts([part.kind for part in own], np.stack([vectors[p.text] for p in own])) for own in parts]
    )
