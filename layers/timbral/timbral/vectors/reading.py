"""What a store knows of its tracks, as blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from timbral.mood.aligned import read_aligned, vectors_of
from timbral.tables.embeddings import TRACK_TEXT_EMBEDDING
from timbral.tables.features import TRACK_FEATURE_VIEW
from timbral.tables.mood import TRACK_MOOD_PRED
from timbral.vectors.blocks import AUDIO_COLUMNS, MOOD_COLUMNS, Blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from timbral.stage import Pins
    from timbral.store.tables import Tables
    from timbral.vectors.blocks import Floats

READS = (TRACK_FEATURE_VIEW, TRACK_TEXT_EMBEDDING, TRACK_MOOD_PRED)


def read_blocks(
    tables: Tables, pins: Pins, *, dimension: int, with_audio: bool
) -> Iterator[tuple[pa.ChunkedArray, Blocks]]:
    """Yield all tracks in order of their ids, some thousands at a time.

    Args:
        tables: The store.
        pins: Snapshots of `READS`.
        dimension: Length of the text embeddings.
        with_audio: Whether a provider's audio features may be looked at.

    Yields:
        Track ids, and what is known of these tracks.
    """
    audio = AUDIO_COLUMNS if with_audio else ()
    main = (TRACK_FEATURE_VIEW, pins[TRACK_FEATURE_VIEW.name], ("track_id", *audio))
    sides = {
        "text": (TRACK_TEXT_EMBEDDING, pins[TRACK_TEXT_EMBEDDING.name], ("vector",)),
        "mood": (TRACK_MOOD_PRED, pins[TRACK_MOOD_PRED.name], MOOD_COLUMNS),
    }
    for batch in read_aligned(tables, main, sides):
        text = vectors_of(batch.column("text_vector"), dimension)
        mood = _columns(batch, [f"mood_{name}" for name in MOOD_COLUMNS])
        yield batch.column("track_id"), Blocks(text, mood, _columns(batch, audio))


def _columns(batch: pa.Table, names: Sequence[str]) -> Floats:
    values = np.full((batch.num_rows, len(names)), np.nan, dtype=np.float32)
    for place, name in enumerate(names):
        values[:, place] = batch.column(name).to_numpy().astype(np.float32)
    return values


def read_sample(tables: Tables, pins: Pins, *, dimension: int, with_audio: bool, most_tracks: int) -> Blocks:
    """Read a fair sample: the first tracks in order of their ids, which are digests.

    Args:
        tables: The store.
        pins: Snapshots of `READS`.
        dimension: Length of the text embeddings.
        with_audio: Whether audio features may be looked at.
        most_tracks: How many tracks at most.
    """
    widths = {"text": dimension, "mood": len(MOOD_COLUMNS), "audio": len(AUDIO_COLUMNS) if with_audio else 0}
    found = [Blocks(*(np.zeros((0, width), dtype=np.float32) for width in widths.values()))]
    count = 0
    for _, blocks in read_blocks(tables, pins, dimension=dimension, with_audio=with_audio):
        found.append(blocks)
        count += len(blocks.text)
        if count >= most_tracks:
            break
    return Blocks(
        np.vstack([blocks.text for blocks in found])[:most_tracks],
        np.vstack([blocks.mood for blocks in found])[:most_tracks],
        np.vstack([blocks.audio for blocks in found])[:most_tracks],
    )
