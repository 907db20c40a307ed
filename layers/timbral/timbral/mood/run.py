"""Mood: how does a track feel?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from timbral.errors import ContractBroken
from timbral.mood.aligned import read_aligned, vectors_of
from timbral.mood.inputs import VIEW_COLUMNS, input_hash, read_input
from timbral.mood.targets import AUDIO_INPUTS
from timbral.mood.tracks import predict_inputs
from timbral.stage import StageResult, fingerprint, unchanged
from timbral.store.snapshots import Snapshot
from timbral.tables.embeddings import TRACK_TEXT_EMBEDDING
from timbral.tables.features import TRACK_FEATURE_VIEW
from timbral.tables.mood import TRACK_MOOD_PRED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from timbral.mood.inputs import MoodInput
    from timbral.mood.predictor import MoodPredictor
    from timbral.progress import Progress
    from timbral.stage import Pins
    from timbral.store.tables import Tables

CODE_VERSION = 2
"""Raised by hand when the stage's decisions change."""

READS = (TRACK_FEATURE_VIEW, TRACK_TEXT_EMBEDDING)
_KEPT = tuple(name for name in TRACK_MOOD_PRED.column_names if name != "track_id")


def prediction_inputs(pins: Pins, model: str) -> str:
    """Digest all that the predictions of a run depend on.

    Args:
        pins: The run's snapshots.
        model: Version of the mood model.
    """
    return fingerprint(CODE_VERSION, pins, READS, model=model)


def run(
    tables: Tables, pins: Pins, progress: Progress, predictor: MoodPredictor, *, encoder: str = ""
) -> StageResult:
    """Predict every track's mood; a track whose inputs are as before is not predicted again.

    Args:
        tables: The store.
        pins: Snapshots of ``track_feature_view`` and ``track_text_embedding``.
        progress: Told of every track.
        predictor: The mood model.
        encoder: Fingerprint of the encoder that the text embeddings come from.

    Returns:
        The snapshot of ``track_mood_pred``.

    Raises:
        ContractBroken: The model was made for another encoder.
    """
    if predictor.encoder and predictor.encoder != encoder:
        msg = f"the mood model reads text of encoder {predictor.encoder!r}, the store's is of {encoder!r}"
        raise ContractBroken(msg)
    inputs = prediction_inputs(pins, predictor.version)
    if done := unchanged(tables, (TRACK_MOOD_PRED,), inputs):
        return done
    view = pins[TRACK_FEATURE_VIEW.name]
    progress.begin("mood", view.rows_count, "tracks")
    counts = {"computed": 0, "low": 0}
    batches = _predicted(tables, pins, predictor, counts, progress)
    snapshot, bad = tables.publish(TRACK_MOOD_PRED, batches, inputs)
    return StageResult(
        {TRACK_MOOD_PRED.name: snapshot},
        rows_count=snapshot.rows_count,
        computed_count=counts["computed"],
        reused_count=snapshot.rows_count - counts["computed"],
        quarantined=bad,
        notes={"model": predictor.version, "low_confidence_count": counts["low"]},
    )


def _predicted(
    tables: Tables, pins: Pins, predictor: MoodPredictor, counts: dict[str, int], progress: Progress
) -> Iterator[pa.Table]:
    former = tables.head(TRACK_MOOD_PRED) or Snapshot(TRACK_MOOD_PRED.name, ())
    columns = (*VIEW_COLUMNS, *(AUDIO_INPUTS if predictor.with_audio else ()))
    sides = {
        "text": (TRACK_TEXT_EMBEDDING, pins[TRACK_TEXT_EMBEDDING.name], ("input_hash", "vector")),
        "former": (TRACK_MOOD_PRED, former, _KEPT),
    }
    main = (TRACK_FEATURE_VIEW, pins[TRACK_FEATURE_VIEW.name], columns)
    for batch in read_aligned(tables, main, sides):
        rows = _predict_batch(batch, columns, predictor, counts)
        progress.advance(rows.num_rows)
        yield rows


def _predict_batch(
    batch: pa.Table, columns: Sequence[str], predictor: MoodPredictor, counts: dict[str, int]
) -> pa.Table:
    looks_at_text = predictor.text_dimension > 0
    text_hashes = batch.column("text_input_hash").to_pylist()
    tracks = [
        read_input(row, text_hash if looks_at_text else None, with_audio=predictor.with_audio)
        for row, text_hash in zip(batch.select(list(columns)).to_pylist(), text_hashes, strict=True)
    ]
    hashes = [input_hash(track, predictor.version) for track in tracks]
    former_hashes = batch.column("former_input_hash").to_pylist()
    changed = [place for place, own in enumerate(hashes) if own != former_hashes[place]]
    fresh = _fresh_rows(batch, changed, tracks, hashes, predictor)
    counts["computed"] += len(changed)
    rows = _merged(batch, changed, fresh)
    counts["low"] += rows.column("mood_confidence").to_pylist().count("low")
    return rows


def _fresh_rows(
    batch: pa.Table,
    changed: list[int],
    tracks: list[MoodInput],
    hashes: list[str],
    predictor: MoodPredictor,
) -> list[dict[str, Any]]:
    """Predict the changed tracks; those of equal inputs once for all of them."""
    first = {hashes[place]: place for place in reversed(changed)}
    places = sorted(first.values())
    text = vectors_of(
        batch.column("text_vector").take(pa.array(places, pa.int64())), predictor.text_dimension
    )
    found = predict_inputs(predictor, [tracks[place] for place in places], text)
    rows = {
        hashes[place]: {
            "energy": mood.energy,
            "valence": mood.valence,
            **mood.shares,
            "moods": mood.moods,
            "mood_confidence": mood.confidence,
            "model": predictor.version,
            "input_hash": hashes[place],
        }
        for place, mood in zip(places, found, strict=True)
    }
    return [rows[hashes[place]] for place in changed]


def _merged(batch: pa.Table, changed: list[int], fresh: list[dict[str, Any]]) -> pa.Table:
    """Put fresh rows in the place of former ones, in order of the tracks."""
    schema = pa.schema([pa.field(c.name, c.arrow_type()) for c in TRACK_MOOD_PRED.columns if c.name in _KEPT])
    former = batch.select([f"former_{name}" for name in _KEPT]).rename_columns(list(_KEPT)).cast(schema)
    both = pa.concat_tables([former, pa.Table.from_pylist(fresh, schema)])
    order = np.arange(batch.num_rows)
    order[changed] = batch.num_rows + np.arange(len(changed))
    return both.take(pa.array(order)).add_column(0, "track_id", batch.column("track_id"))
