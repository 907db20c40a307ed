"""How a track feels."""

from __future__ import annotations

from timbral.tables.columns import INPUT_HASH, MOOD_SHARES, TRACK_ID, share
from timbral.tables.declaration import Column, Table

CONFIDENCES = ("high", "medium", "low")

TRACK_MOOD_PRED = Table(
    name="track_mood_pred",
    stage="mood",
    meaning="A track's predicted mood.",
    columns=(
        TRACK_ID,
        share("energy", "Predicted energy."),
        share("valence", "Predicted valence."),
        *MOOD_SHARES,
        Column("moods", "list<string>", "The moods whose probability passes their threshold, surest first."),
        Column("mood_confidence", "string", "How much the prediction had to go on.", choices=CONFIDENCES),
        Column("model", "string", "Version of the model that said so.", longest=64),
        INPUT_HASH,
    ),
    key=("track_id",),
    mode="snapshot",
    provenance="timbral",
)
