"""What a track's text means."""

from __future__ import annotations

from timbral.tables.columns import INPUT_HASH, TRACK_ID
from timbral.tables.declaration import Column, Table

TEXT_EMBEDDING = Table(
    name="text_embedding",
    stage="embeddings",
    meaning="One text's embedding, computed once however many tracks share the text.",
    columns=(
        Column("text_hash", "string", "Digest of the text.", longest=32),
        Column("encoder", "string", "Fingerprint of the encoder.", longest=32),
        Column("vector", "list<float32>", "The normalised embedding."),
    ),
    key=("text_hash", "encoder"),
    mode="append",
    provenance="timbral",
)

TRACK_TEXT_EMBEDDING = Table(
    name="track_text_embedding",
    stage="embeddings",
    meaning="A track's texts, embedded apart and pooled.",
    columns=(
        TRACK_ID,
        Column("vector", "list<float32>", "The pooled and normalised embedding."),
        Column(
            "texts_count", "int64", "How many texts were pooled; none for a track without a name.", minimum=0
        ),
        INPUT_HASH,
    ),
    key=("track_id",),
    mode="snapshot",
    provenance="timbral",
)
