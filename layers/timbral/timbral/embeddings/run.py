"""The embeddings stage: say each track in texts, embed the texts that are new, pool them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from timbral.digests import digest_json, digest_names
from timbral.embeddings.texts import TextPart, pool_parts, text_hash, track_texts
from timbral.stage import StageResult, fingerprint, unchanged
from timbral.tables.embeddings import TEXT_EMBEDDING, TRACK_TEXT_EMBEDDING
from timbral.tables.features import TRACK_FEATURE_VIEW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from timbral.embeddings.encoder import Encoder
    from timbral.progress import Progress
    from timbral.stage import Pins
    from timbral.store.tables import Tables

    Floats = NDArray[np.float32]

CODE_VERSION = 1
CHUNKS = "0123456789abcdef"
"""Missing texts are embedded in chunks by the first digit of their hash: what a killed run has finished
is kept, and a distributed run gives each worker a chunk."""
_TEXT_COLUMNS = [
    "title",
    "artist",
    "tags",
    "tag_shares",
    "genres",
    "year",
    "album",
    "album_description",
    "review_snippets",
]
_ROWS_AT_ONCE = 10_000
_TEXTS_AT_ONCE = 64


def run(tables: Tables, pins: Pins, progress: Progress, *, encoder: Encoder) -> StageResult:
    """Embed every track.

    Args:
        tables: The store.
        pins: The run's snapshots; reads track_feature_view.
        progress: Told of each text embedded.
        encoder: Turns texts into vectors.

    Returns:
        track_text_embedding; computed rows are texts that had to be embedded.
    """
    inputs = fingerprint(CODE_VERSION, pins, [TRACK_FEATURE_VIEW], encoder=encoder.fingerprint)
    if done := unchanged(tables, [TRACK_TEXT_EMBEDDING], inputs):
        return done
    features, texts = _said(tables, pins)
    wanted = {text_hash(part.text): part.text for parts in texts for part in parts}
    known = _known(tables, encoder.fingerprint)
    missing = {key: text for key, text in wanted.items() if key not in known}
    progress.begin("embeddings", len(missing), "texts")
    known |= _embed(tables, encoder, missing, progress)
    pooled = _pooled(features.column("track_id").to_pylist(), texts, known, encoder)
    snapshot, quarantined = tables.publish(TRACK_TEXT_EMBEDDING, pooled, inputs)
    return StageResult(
        {TRACK_TEXT_EMBEDDING.name: snapshot},
        rows_count=snapshot.rows_count,
        computed_count=len(missing),
        reused_count=len(wanted) - len(missing),
        quarantined=quarantined,
        notes={"texts": len(wanted), "encoder": encoder.name},
    )


def encode_chunk(
    tables: Tables, pins: Pins, progress: Progress, *, encoder: Encoder, chunk: str
) -> StageResult:
    """Embed the texts of one chunk, so that `run` finds them; many may do so at once.

    Args:
        tables: The store.
        pins: The run's snapshots; reads track_feature_view.
        progress: Told of each text embedded.
        encoder: Turns texts into vectors.
        chunk: One of `CHUNKS`, the first digit of the texts' hashes.

    Returns:
        No tables; rows are the chunk's texts.
    """
    inputs = fingerprint(CODE_VERSION, pins, [TRACK_FEATURE_VIEW], encoder=encoder.fingerprint)
    if unchanged(tables, [TRACK_TEXT_EMBEDDING], inputs):
        return StageResult({})
    _, texts = _said(tables, pins)
    hashed = ((text_hash(part.text), part.text) for parts in texts for part in parts)
    wanted = {key: text for key, text in hashed if key.startswith(chunk)}
    known = _known(tables, encoder.fingerprint)
    missing = {key: text for key, text in wanted.items() if key not in known}
    progress.begin("embeddings", len(missing), "texts")
    _embed(tables, encoder, missing, progress)
    return StageResult(
        {},
        rows_count=len(wanted),
        computed_count=len(missing),
        reused_count=len(wanted) - len(missing),
        notes={"chunk": chunk, "encoder": encoder.name},
    )


def _said(tables: Tables, pins: Pins) -> tuple[pa.Table, list[tuple[TextPart, ...]]]:
    """Read the tracks, and say each in texts."""
    features = tables.read(TRACK_FEATURE_VIEW, pins[TRACK_FEATURE_VIEW.name], ["track_id", *_TEXT_COLUMNS])
    return features, [texts_of(row) for row in _rows(features)]


def texts_of(track: Mapping[str, Any]) -> tuple[TextPart, ...]:
    """Return the texts that stand for a row of track_feature_view; none for a track without a name."""
    return track_texts(**{name: track[name] for name in _TEXT_COLUMNS})


def _rows(features: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in features.to_batches(max_chunksize=_ROWS_AT_ONCE):
        yield from batch.to_pylist()


def _known(tables: Tables, encoder: str) -> dict[str, Floats]:
    rows = tables.read(TEXT_EMBEDDING, tables.current(TEXT_EMBEDDING))
    found: dict[str, Floats] = {}
    for batch in rows.to_batches(max_chunksize=_ROWS_AT_ONCE):
        keys, encoders = batch.column("text_hash").to_pylist(), batch.column("encoder").to_pylist()
        vectors = batch.column("vector")
        for index, key in enumerate(keys):
            if encoders[index] == encoder:
                found[key] = vectors[index].values.to_numpy()
    return found


def _embed(
    tables: Tables, encoder: Encoder, missing: Mapping[str, str], progress: Progress
) -> dict[str, Floats]:
    """Embed texts chunk by chunk; a chunk's part is named after its texts and written once it is whole."""
    found: dict[str, Floats] = {}
    for digit in CHUNKS:
        keys = sorted(key for key in missing if key.startswith(digit))
        for start in range(0, len(keys), _ROWS_AT_ONCE):
            chunk = keys[start : start + _ROWS_AT_ONCE]
            vectors = []
            for at in range(0, len(chunk), _TEXTS_AT_ONCE):
                vectors.append(encoder.encode([missing[key] for key in chunk[at : at + _TEXTS_AT_ONCE]]))
                progress.advance(len(vectors[-1]))
            found |= dict(zip(chunk, np.concatenate(vectors), strict=True))
            _keep(tables, encoder.fingerprint, chunk, found)
    return found


def _keep(tables: Tables, encoder: str, keys: list[str], vectors: Mapping[str, Floats]) -> None:
    rows = pa.table(
        {
            "text_hash": keys,
            "encoder": [encoder] * len(keys),
            "vector": pa.array([vectors[key] for key in keys], pa.list_(pa.float32())),
        }
    )
    tables.append(TEXT_EMBEDDING, rows, f"{encoder[:8]}-{digest_names(keys)}")


def _pooled(
    track_ids: list[str], texts: list[tuple[TextPart, ...]], known: Mapping[str, Floats], encoder: Encoder
) -> Iterator[pa.Table]:
    for start in range(0, len(track_ids), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        keys = [[text_hash(piece.text) for piece in parts] for parts in texts[part]]
        vectors = [
            _pool(parts, [known[key] for key in own], encoder.dimension)
            for parts, own in zip(texts[part], keys, strict=True)
        ]
        yield pa.table(
            {
                "track_id": track_ids[part],
                "vector": pa.array(vectors, pa.list_(pa.float32())),
                "texts_count": [len(own) for own in keys],
                "input_hash": [digest_json([encoder.fingerprint, own]) for own in keys],
            }
        )


def _pool(parts: tuple[TextPart, ...], vectors: list[Floats], dimension: int) -> Floats:
    if not parts:
        return np.zeros(dimension, dtype=np.float32)
    return pool_parts([part.kind for part in parts], np.stack(vectors))
