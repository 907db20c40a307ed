"""Build a release's folder from what the stages have computed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import orjson
import pyarrow as pa

from timbral.recommender.release.layout import (
    ALIASES_FILE,
    FACTORS_FILE,
    GRAM_FILE,
    ITEM_WEIGHTS_FILE,
    LISTENERS_FOLDER,
    LISTENERS_SCHEMA,
    NAME_GRAM_LENGTHS_FILE,
    NAME_GRAM_ROWS_FILE,
    NAME_GRAM_STARTS_FILE,
    NEIGHBOUR_SHARES_FILE,
    NEIGHBOURS_FILE,
    NEWCOMERS_FILE,
    TRACKS_FILE,
    VECTORS_FILE,
    ModelCard,
    shard_file,
    shard_of,
)
from timbral.recommender.release.name_search import names_of
from timbral.recommender.release.names import index_names
from timbral.recommender.release.search_index import write_search_index

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int32]


@dataclass(frozen=True)
class Contents:
    """Everything that goes into a release; row i of each array is track i.

    Attributes:
        tracks: `TRACKS_SCHEMA`.
        vectors: ``(n, 256)`` track vectors.
        text_vectors: ``(n, d)`` text embeddings.
        factors: ``(n, n_factors)``.
        item_weights: ``(n,)``.
        newcomers: ``(n, n_factors)`` see `timbral.recommender.models.newcomers`.
        gram: ``(n_factors, n_factors)``.
        neighbours: ``(n, k)`` rows, -1 where there are fewer.
        neighbour_shares: ``(n, k)`` 0..1.
        listeners: `LISTENERS_SCHEMA`, sorted by ``listener_id``.
        aliases: Track ids by the ids that a merge retired.
        card: How the scores are made.
    """

    tracks: pa.Table
    vectors: Floats
    text_vectors: Floats
    factors: Floats
    item_weights: Floats
    newcomers: Floats
    gram: Floats
    neighbours: Integers
    neighbour_shares: Floats
    listeners: pa.Table
    aliases: dict[str, str]
    card: ModelCard


def build_release(folder: Path, contents: Contents) -> None:
    """Write all files of a release; all but the Lance table are a function of the contents, byte for byte.

    Args:
        folder: An empty folder.
        contents: What to write.
    """
    write_arrow(folder / TRACKS_FILE, contents.tracks)
    grams = index_names([" ".join(names) for names in names_of(contents.tracks)])
    arrays = {
        VECTORS_FILE: contents.vectors,
        FACTORS_FILE: contents.factors,
        ITEM_WEIGHTS_FILE: contents.item_weights,
        NEWCOMERS_FILE: contents.newcomers,
        GRAM_FILE: contents.gram,
        NEIGHBOUR_SHARES_FILE: contents.neighbour_shares,
        NAME_GRAM_LENGTHS_FILE: grams.lengths,
    }
    for name, array in arrays.items():
        np.save(folder / name, np.ascontiguousarray(array, dtype=np.float32), allow_pickle=False)
    numbers = {
        NEIGHBOURS_FILE: contents.neighbours,
        NAME_GRAM_STARTS_FILE: grams.starts,
        NAME_GRAM_ROWS_FILE: grams.rows,
    }
    for name, rows in numbers.items():
        np.save(folder / name, np.ascontiguousarray(rows, dtype=np.int32), allow_pickle=False)
    _write_listeners(folder, contents.listeners, contents.card.shards_count)
    (folder / ALIASES_FILE).write_bytes(orjson.dumps(contents.aliases, option=orjson.OPT_SORT_KEYS))
    fragments = write_search_index(folder, contents.tracks, contents.vectors, contents.text_vectors)
    replace(contents.card, fragment_rows=fragments).write(folder)


def _write_listeners(folder: Path, listeners: pa.Table, shards_count: int) -> None:
    (folder / LISTENERS_FOLDER).mkdir()
    ids = listeners.column("listener_id").to_pylist()
    shards = np.array([shard_of(listener_id, shards_count) for listener_id in ids], dtype=np.int64)
    for shard in range(shards_count):
        rows = listeners.take(pa.array(np.flatnonzero(shards == shard)))
        write_arrow(folder / shard_file(shard), rows.cast(LISTENERS_SCHEMA))


def write_arrow(path: Path, rows: pa.Table) -> None:
    """Write one of a release's tables; the same rows are the same bytes."""
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, rows.schema, options=options) as writer:
        writer.write_table(rows.combine_chunks())
