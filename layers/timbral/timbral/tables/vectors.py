"""Where a track lies."""

from __future__ import annotations

from timbral.tables.columns import TRACK_ID
from timbral.tables.declaration import Column, Table

TRACK_VECTOR_DIMENSION = 256

TRACK_VECTOR = Table(
    name="track_vector",
    stage="vectors",
    meaning="A track's place among all tracks.",
    columns=(
        TRACK_ID,
        Column("vector", f"vector<{TRACK_VECTOR_DIMENSION}>", "Normalised: its inner product is the cosine."),
        Column("has_audio", "bool", "Whether audio features were among its sources."),
    ),
    key=("track_id",),
    mode="snapshot",
    provenance="timbral",
)
