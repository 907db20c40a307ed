"""Vectors: where does a track lie?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from timbral.errors import ContractBroken
from timbral.stage import StageResult, fingerprint, unchanged
from timbral.tables.features import TRACK_FEATURE_VIEW
from timbral.tables.vectors import TRACK_VECTOR, TRACK_VECTOR_DIMENSION
from timbral.vectors.artifact import load_manifest, load_projection
from timbral.vectors.reading import READS, read_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from timbral.progress import Progress
    from timbral.stage import Pins
    from timbral.store.tables import Tables
    from timbral.vectors.blocks import Blocks, Floats

CODE_VERSION = 1
"""Raised by hand when the stage's decisions change."""


def run(
    tables: Tables, pins: Pins, progress: Progress, *, folder: Path, version: str, encoder: str
) -> StageResult:
    """Place every track; all are computed if anything changed, since it is one matrix product.

    Args:
        tables: The store.
        pins: Snapshots of `READS`.
        progress: Told of every track.
        folder: The projection's folder.
        version: Its version.
        encoder: Fingerprint of the encoder of the store's text embeddings.

    Returns:
        The snapshot of ``track_vector``.

    Raises:
        ContractBroken: The projection was fitted for another encoder, or its folder is damaged.
    """
    inputs = fingerprint(CODE_VERSION, pins, READS, projection=version)
    if done := unchanged(tables, (TRACK_VECTOR,), inputs):
        return done
    if (fitted := load_manifest(folder).encoder) != encoder:
        msg = f"the projection was fitted for encoder {fitted!r}, the store's texts are of {encoder!r}"
        raise ContractBroken(msg)
    progress.begin("vectors", pins[TRACK_FEATURE_VIEW.name].rows_count, "tracks")
    snapshot, bad = tables.publish(TRACK_VECTOR, _placed(tables, pins, progress, folder), inputs)
    return StageResult(
        {TRACK_VECTOR.name: snapshot},
        rows_count=snapshot.rows_count,
        computed_count=snapshot.rows_count,
        quarantined=bad,
        notes={"projection": version},
    )


def _placed(tables: Tables, pins: Pins, progress: Progress, folder: Path) -> Iterator[pa.Table]:
    projection, with_audio = load_projection(folder), load_manifest(folder).with_audio
    dimension = len(projection.scales["text"].mean)
    for track_ids, blocks in read_blocks(tables, pins, dimension=dimension, with_audio=with_audio):
        vectors = projection.project(blocks, TRACK_VECTOR_DIMENSION)
        progress.advance(len(vectors))
        yield _rows(track_ids, vectors, blocks)


def _rows(track_ids: pa.ChunkedArray, vectors: Floats, blocks: Blocks) -> pa.Table:
    values = pa.array(np.ascontiguousarray(vectors).reshape(-1))
    return pa.table(
        {
            "track_id": track_ids,
            "vector": pa.FixedSizeListArray.from_arrays(values, vectors.shape[1]),
            "has_audio": blocks.has_audio,
        }
    )
