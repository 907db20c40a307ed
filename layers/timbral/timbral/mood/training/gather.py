"""Labelled tracks out of the store: judged ones, voted ones and, where allowed, a provider's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from timbral.mood.aligned import vectors_of
from timbral.mood.inputs import VIEW_COLUMNS, read_input
from timbral.mood.lexicon import LEAST_MOOD_TAGS, MOOD_OF_TAG, voted_moods
from timbral.mood.targets import AUDIO_INPUTS, REGRESSIONS, TARGETS
from timbral.mood.training.examples import Example, as_moods
from timbral.tables.columns import MOODS
from timbral.tables.core import TRACK_MATCHES
from timbral.tables.embeddings import TRACK_TEXT_EMBEDDING
from timbral.tables.features import TRACK_FEATURE_VIEW
from timbral.tables.raw import MOOD_LABELS_RAW

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from timbral.mood.sparse import Floats
    from timbral.mood.training.examples import Origin
    from timbral.mood.training.settings import TrainingSettings
    from timbral.stage import Pins
    from timbral.store.tables import Tables

READS = (TRACK_FEATURE_VIEW, TRACK_TEXT_EMBEDDING, MOOD_LABELS_RAW, TRACK_MATCHES)
_BLOCK_TRACKS = 20_000

_JUDGED = f"""
SELECT matches.track_id, {", ".join(f"labels.{target}" for target in TARGETS)}
FROM labels JOIN matches ON labels.artist = matches.artist AND labels.track = matches.track
ORDER BY matches.track_id, labels.source, labels.artist, labels.track
"""  # noqa: S608  declared names


def read_judged(tables: Tables, pins: Pins) -> dict[str, dict[str, float]]:
    """Return ``{track_id: {target: label}}``, of several judgements of one track their mean."""
    views = {"labels": (MOOD_LABELS_RAW, pins[MOOD_LABELS_RAW.name]), "matches": _view(pins, TRACK_MATCHES)}
    with tables.engine(views) as engine:
        rows = engine.sql(_JUDGED).to_arrow_table().to_pylist()
    said: dict[str, dict[str, list[float]]] = {}
    for row in rows:
        of_track = said.setdefault(row["track_id"], {})
        for target in TARGETS:
            if row[target] is not None:
                of_track.setdefault(target, []).append(row[target])
    means = {
        track_id: {target: sum(values) / len(values) for target, values in by_target.items()}
        for track_id, by_target in said.items()
    }
    return {track_id: as_moods(found) for track_id, found in means.items() if found}


def store_examples(tables: Tables, pins: Pins, settings: TrainingSettings, dimension: int) -> list[Example]:
    """Read all labelled tracks of a store.

    Args:
        tables: The store.
        pins: Snapshots of `READS`.
        settings: Which labels may be used.
        dimension: Length of the text embeddings; 0 if they are not looked at.
    """
    judged = read_judged(tables, pins)
    views = {"view": _view(pins, TRACK_FEATURE_VIEW), "text": _view(pins, TRACK_TEXT_EMBEDDING)}
    examples: list[Example] = []
    with tables.engine(views) as engine:
        provided = _provided(engine) if settings.train_on_provider_content else {}
        wanted = sorted({*judged, *provided})
        for row, vector in _rows(engine, wanted, dimension, settings):
            labels = provided.get(row["track_id"], {}) | judged.get(row["track_id"], {})
            origin: Origin = "judged" if row["track_id"] in judged else "provider"
            track = read_input(row, row["text_hash"], with_audio=settings.audio_inputs)
            examples.append(Example(row["track_id"], row["artist_id"], track, labels, origin, vector))
        skipped = {track_id for track_id, labels in judged.items() if MOODS[0] in labels}
        candidates = [own for own in _voting(engine) if own not in skipped][: settings.most_voted]
        for row, _ in _rows(engine, candidates, 0, settings):
            examples += _voted(row)
    return examples


def _view(pins: Pins, table: Any) -> Any:
    return table, pins[table.name]


def _provided(engine: duckdb.DuckDBPyConnection) -> dict[str, dict[str, float]]:
    both = " AND ".join(f"{target} IS NOT NULL" for target in REGRESSIONS)
    rows = engine.sql(f"SELECT track_id, energy, valence FROM view WHERE {both}").fetchall()  # noqa: S608  declared names
    return {track_id: dict(zip(REGRESSIONS, values, strict=True)) for track_id, *values in rows}


def _voting(engine: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the tracks that have enough mood tags, in order; their ids are digests, so any few will do."""
    query = "SELECT track_id FROM view WHERE len(list_intersect(tags, ?)) >= ? ORDER BY track_id"
    return [row[0] for row in engine.execute(query, [sorted(MOOD_OF_TAG), LEAST_MOOD_TAGS]).fetchall()]


def _voted(row: dict[str, Any]) -> list[Example]:
    track = read_input(row, None, with_audio=False)
    votes = voted_moods(track.tags)
    if votes is None:
        return []
    labels = {mood: float(holds) for mood, holds in votes.items()}
    return [Example(row["track_id"], row["artist_id"], track.without_tags(MOOD_OF_TAG), labels, "voted")]


def _rows(
    engine: duckdb.DuckDBPyConnection, track_ids: Sequence[str], dimension: int, settings: TrainingSettings
) -> Any:
    """Yield the feature rows of some tracks with their text embeddings, in order of the tracks."""
    columns = (*VIEW_COLUMNS, *(AUDIO_INPUTS if settings.audio_inputs else ()))
    shown = ", ".join(f"view.{column}" for column in columns)
    join = "LEFT JOIN text USING (track_id)" if dimension else ""
    extra = "text.input_hash, text.vector" if dimension else "NULL, NULL::FLOAT[]"
    query = f"SELECT {shown}, {extra} FROM view JOIN wanted USING (track_id) {join} ORDER BY view.track_id"  # noqa: S608  declared names
    for start in range(0, len(track_ids), _BLOCK_TRACKS):
        engine.register("wanted", pa.table({"track_id": pa.array(track_ids[start : start + _BLOCK_TRACKS])}))
        found = engine.sql(query).to_arrow_table().rename_columns([*columns, "text_hash", "vector"])
        vectors = vectors_of(found.column("vector"), dimension)
        for row, vector in zip(found.drop_columns(["vector"]).to_pylist(), vectors, strict=True):
            yield row, _or_none(vector)
        engine.unregister("wanted")


def _or_none(vector: Floats) -> Floats | None:
    return vector if vector.any() else None
