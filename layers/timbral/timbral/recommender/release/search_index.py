"""The Lance table of a release: meaning and tags to search, columns to filter by.

Names are searched apart (`timbral.recommender.release.names`): tags mixed into the names would hurt those
who search for a name.
Source: https://docs.lancedb.com (full-text search, vector indexes).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lancedb
import numpy as np
import pyarrow as pa
from lancedb.index import FTS, Bitmap, BTree, HnswSq, LabelList

from timbral.errors import ContractBroken
from timbral.recommender.release.layout import LANCE_TABLE
from timbral.recommender.release.search import OFFSET_BITS, rows_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

INDEXED_FROM = 20_000
"""Below as many tracks an exact scan is as fast as an index and finds everything."""
LINKS, BREADTH = 16, 100
"""Of the graphs: a quarter of the defaults' building time, and at 100,000 tracks still 99.7 % of the ten
nearest, since the vectors themselves put into order what the index finds (`MARGIN` of an opened release)."""


def write_search_index(
    folder: Path, tracks: pa.Table, vectors: Floats, text_vectors: Floats
) -> tuple[int, ...]:
    """Write the Lance table with its indexes into a build's folder.

    Args:
        folder: The build's folder.
        tracks: `TRACKS_SCHEMA`, in row order.
        vectors: ``(n, 256)`` track vectors.
        text_vectors: ``(n, d)`` text embeddings.

    Returns:
        The first row of each fragment: with them a row is found from Lance's own row id alone, and no
        column has to be read for it.
    """
    database = lancedb.connect(str(folder))
    table = database.create_table(LANCE_TABLE, _rows(tracks, vectors, text_vectors))
    if not tracks.num_rows:
        return (0,)
    # Unstemmed: tags come in many languages, and it finds as much on English ones.
    words = FTS(stem=False, remove_stop_words=False, with_position=False)
    table.create_index("words", config=words)
    table.create_index("genres", config=LabelList())
    table.create_index("moods", config=LabelList())
    table.create_index("year", config=BTree())
    table.create_index("mood_confidence", config=Bitmap())
    if tracks.num_rows >= INDEXED_FROM:
        # HNSW over scalars keeps its recall under filters, which a fixed number of probes does not.
        table.create_index("vector", config=HnswSq(distance_type="dot", m=LINKS, ef_construction=BREADTH))
        table.create_index(
            "text_vector", config=HnswSq(distance_type="dot", m=LINKS, ef_construction=BREADTH)
        )
    return _fragment_rows(table)


def _fragment_rows(table: Any) -> tuple[int, ...]:
    """Return the first row of each fragment, in order.

    Raises:
        ContractBroken: Lance keeps the rows in another order than they were given in.
    """
    found = table.search().select(["row"]).with_row_id(with_row_id=True).limit(table.count_rows()).to_arrow()
    rows, ids = found.column("row").to_numpy(), found.column("_rowid").to_numpy()
    order = np.argsort(ids)
    starts = rows[order][(ids[order] & OFFSET_BITS) == 0]
    if not np.array_equal(rows_of(ids, starts), rows):
        msg = "Lance keeps the rows of a release in another order than they were given in"
        raise ContractBroken(msg)
    return tuple(starts.tolist())


def _rows(tracks: pa.Table, vectors: Floats, text_vectors: Floats) -> pa.Table:
    words = [
        ", ".join(dict.fromkeys([*genres, *moods, *tags]))
        for genres, moods, tags in _zipped(tracks, "genres", "moods", "tags")
    ]
    return pa.table(
        {
            "row": pa.array(np.arange(tracks.num_rows, dtype=np.int64)),
            "words": pa.array(words, pa.string()),
            "genres": tracks.column("genres"),
            "moods": tracks.column("moods"),
            "year": tracks.column("year"),
            "mood_confidence": tracks.column("mood_confidence"),
            "vector": fixed_size_lists(vectors),
            "text_vector": fixed_size_lists(text_vectors),
        }
    )


def _zipped(tracks: pa.Table, *names: str) -> Any:
    return zip(*(tracks.column(name).to_pylist() for name in names), strict=True)


def fixed_size_lists(vectors: Floats) -> pa.FixedSizeListArray:
    """Turn ``(n, d)`` floats into an Arrow array of n lists of d, without a copy where it can be."""
    flat = pa.array(np.ascontiguousarray(vectors, dtype=np.float32).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])
