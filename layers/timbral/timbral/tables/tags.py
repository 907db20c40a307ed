"""What people call a track."""

from __future__ import annotations

from timbral.tables.columns import TRACK_ID, share
from timbral.tables.declaration import Column, Table

TRACK_TAGS = Table(
    name="track_tags",
    stage="tags",
    meaning="A track's tag and its share of all that the track is called.",
    columns=(
        TRACK_ID,
        Column("tag", "string", "The normalised tag.", longest=200),
        share("share", "The tag's share; a track's shares sum to 1."),
        Column(
            "level", "string", "Where the strongest vote was given.", choices=("track", "album", "artist")
        ),
        Column("sources", "list<string>", "The sources that gave it, sorted."),
    ),
    key=("track_id", "tag"),
    mode="snapshot",
    provenance="lastfm",
)
