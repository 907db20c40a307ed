"""Stores filled by hand with what the mood and vectors stages read."""

import numpy as np
import pyarrow as pa

from tests.mood.planted import DIMENSION, planted_rows
from timbral.digests import digest_json
from timbral.mood.artifact import PREFIX
from timbral.store.artifacts import Artifacts
from timbral.store.obstore_objects import open_objects
from timbral.store.tables import Tables
from timbral.tables.core import TRACK_MATCHES
from timbral.tables.embeddings import TRACK_TEXT_EMBEDDING
from timbral.tables.features import TRACK_FEATURE_VIEW
from timbral.tables.mood import TRACK_MOOD_PRED
from timbral.tables.raw import MOOD_LABELS_RAW

LISTS = ("tags", "tag_shares", "genres", "spotify_genres", "review_snippets")


def open_store(folder):
    tables = Tables(open_objects(str(folder / "store")), folder / "scratch")
    return tables, Artifacts(tables.objects, PREFIX, folder / "cache")


def view_row(track_id, **values):
    return {
        "track_id": track_id,
        "artist_id": f"artist of {track_id}"[:32],
        "is_named": True,
        **{name: [] for name in LISTS},
        "total_plays_count": 0,
        "listeners_count": 0,
        **values,
    }


def view_of(example):
    return view_row(
        example.track_id,
        artist_id=example.artist_id,
        artist=example.artist_id,
        title=example.track_id,
        year=1994,
        tags=[tag for tag, _ in example.track.tags],
        tag_shares=[share for _, share in example.track.tags],
        genres=list(example.track.genres),
    )


def arrow(table, rows):
    columns = [name for name in table.column_names if any(name in row for row in rows)]
    schema = pa.schema([(name, table.column(name).arrow_type()) for name in columns])
    return pa.Table.from_pylist(sorted(rows, key=lambda row: [row[name] for name in table.key]), schema)


def publish(tables, table, rows):
    empty = not rows
    batch = table.schema.empty_table() if empty else arrow(table, rows)
    return tables.publish(table, [batch], digest_json([table.name, len(rows), repr(rows)]))[0]


def embedding_row(track_id, vector):
    vector = np.asarray(vector, dtype=np.float32)
    return {
        "track_id": track_id,
        "vector": vector.tolist(),
        "texts_count": 1,
        "input_hash": digest_json(vector.tolist()),
    }


def pin_store(tables, view, embeddings=(), labels=(), matches=()):
    """Publish all that mood reads; return the pins."""
    if labels:
        tables.append(MOOD_LABELS_RAW, arrow(MOOD_LABELS_RAW, labels), f"part-{digest_json(labels)}")
    pins = {
        TRACK_FEATURE_VIEW.name: publish(tables, TRACK_FEATURE_VIEW, list(view)),
        TRACK_TEXT_EMBEDDING.name: publish(tables, TRACK_TEXT_EMBEDDING, list(embeddings)),
        TRACK_MATCHES.name: publish(tables, TRACK_MATCHES, list(matches)),
        MOOD_LABELS_RAW.name: tables.pin(MOOD_LABELS_RAW),
    }
    if head := tables.head(TRACK_MOOD_PRED):
        pins[TRACK_MOOD_PRED.name] = head
    return pins


def labelled_store(tables, rows=None):
    """A store whose every track has been judged."""
    rows = planted_rows() if rows is None else rows
    labels = [
        {
            "artist": row.artist_id,
            "track": row.track_id,
            **row.labels,
            "source": "catalogue",
            "observed_at_uts": 0,
        }
        for row in rows
    ]
    matches = [
        {
            "spelling_id": row.track_id,
            "artist": row.artist_id,
            "track": row.track_id,
            "track_id": row.track_id,
            "own_track_id": row.track_id,
            "grade": "exact",
            "rules": 1,
            "reason": "same spelling",
        }
        for row in rows
    ]
    embeddings = [embedding_row(row.track_id, row.vector) for row in rows if row.vector is not None]
    return pin_store(tables, [view_of(row) for row in rows], embeddings, labels, matches)


class PlantedEncoder:
    """Knows no words: the planted vectors come from the store."""

    name = "planted"
    dimension = DIMENSION
    fingerprint = "planted"

    def encode(self, texts):
        return np.zeros((len(texts), DIMENSION), dtype=np.float32)
