"""Everything known of a track, and who played it how often."""

from __future__ import annotations

from timbral.tables.columns import (
    ARTIST_ID,
    AUDIO_FEATURES,
    DURATION_MS,
    FIRST_SCROBBLE_UTS,
    LAST_UTS,
    LISTENER_ID,
    LONGEST_NAME,
    TRACK_ID,
    YEAR,
)
from timbral.tables.declaration import Column, Table

TRACK_FEATURE_VIEW = Table(
    name="track_feature_view",
    stage="features",
    meaning="Everything known of a track, one row each.",
    columns=(
        TRACK_ID,
        ARTIST_ID,
        Column("album_id", "string", "The album, by its digest.", required=False, longest=32),
        Column("artist", "string", "The artist's name.", required=False, longest=LONGEST_NAME),
        Column("title", "string", "The track's title.", required=False, longest=LONGEST_NAME),
        Column("album", "string", "The album's title.", required=False, longest=LONGEST_NAME),
        YEAR,
        DURATION_MS,
        Column(
            "spotify_id", "string", "Spotify's track id.", required=False, longest=64, provenance="spotify"
        ),
        Column("is_named", "bool", "Whether artist and title are known."),
        Column("tags", "list<string>", "The heaviest tags, heaviest first."),
        Column("tag_shares", "list<float32>", "Their shares, in the same order."),
        Column(
            "genres", "list<string>", "Genres, the main one first: the album's, else those among the tags."
        ),
        Column(
            "spotify_genres",
            "list<string>",
            "What Spotify's catalogue calls it, as unreliable as that is.",
            provenance="spotify",
        ),
        Column(
            "album_description", "string", "What the album is, in prose.", required=False, provenance="aoty"
        ),
        Column("review_snippets", "list<string>", "What reviewers wrote of the album.", provenance="aoty"),
        Column(
            "critic_score",
            "float32",
            "Critics' mean of the album, 0 to 100.",
            required=False,
            provenance="aoty",
        ),
        Column(
            "user_score", "float32", "Users' mean of the album, 0 to 100.", required=False, provenance="aoty"
        ),
        *(
            Column(c.name, c.type, c.meaning, False, c.minimum, c.maximum, provenance="spotify")  # noqa: FBT003  the field's place
            for c in AUDIO_FEATURES
        ),
        Column("total_plays_count", "int64", "Plays by all listeners.", minimum=0),
        Column("listeners_count", "int64", "Listeners who played it.", minimum=0),
    ),
    key=("track_id",),
    mode="snapshot",
    provenance="timbral",
)

LISTENER_PLAYS = Table(
    name="listener_plays",
    stage="features",
    meaning="How often a listener played a track, and when.",
    columns=(
        LISTENER_ID,
        TRACK_ID,
        Column(
            "plays_count",
            "int64",
            "How often it was played; 0 if they only said what they think of it.",
            minimum=0,
            maximum=1e9,
        ),
        Column("skips_count", "int64", "How many of the plays were skipped.", minimum=0),
        Column(
            "first_at_uts",
            "int64",
            "First timed play.",
            required=False,
            minimum=FIRST_SCROBBLE_UTS,
            maximum=LAST_UTS,
        ),
        Column(
            "last_at_uts",
            "int64",
            "Latest timed play.",
            required=False,
            minimum=FIRST_SCROBBLE_UTS,
            maximum=LAST_UTS,
        ),
        Column(
            "recent_plays_count",
            "int64",
            "Plays in the 90 days before the newest scrobble in the store.",
            minimum=0,
        ),
        Column("month_plays_count", "int64", "Plays in the 30 days before that.", minimum=0),
        Column("week_plays_count", "int64", "Plays in the 7 days before that.", minimum=0),
        Column(
            "verdict",
            "int64",
            "What they said of it last: 1 liked or saved, -1 disliked, 0 nothing.",
            minimum=-1,
            maximum=1,
        ),
    ),
    key=("listener_id", "track_id"),
    mode="snapshot",
    provenance="listener",
)

LISTENER_CLOCK = Table(
    name="listener_clock",
    stage="features",
    meaning="When a listener listens.",
    columns=(
        LISTENER_ID,
        Column("hour_counts", "list<int64>", "Timed plays by hour of the day in UTC, 24 of them."),
        Column(
            "recent_hour_counts", "list<int64>", "The same of the 90 days before the store's newest play."
        ),
        Column("month_hour_counts", "list<int64>", "The same of 30 days."),
        Column("week_hour_counts", "list<int64>", "The same of 7 days."),
        Column(
            "newest_at_uts",
            "int64",
            "The listener's latest timed play.",
            required=False,
            minimum=FIRST_SCROBBLE_UTS,
            maximum=LAST_UTS,
        ),
        Column("scrobbles_count", "int64", "Timed plays in all.", minimum=0),
    ),
    key=("listener_id",),
    mode="snapshot",
    provenance="listener",
)
