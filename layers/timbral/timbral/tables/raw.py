"""What the outside world said, row by row."""

from __future__ import annotations

from timbral.tables.columns import (
    ALBUM,
    ALBUM_MBID,
    ARTIST,
    ARTIST_MBID,
    AUDIO_FEATURES,
    DURATION_MS,
    FIRST_SCROBBLE_UTS,
    LAST_UTS,
    LISTENER_ID,
    LONGEST_NAME,
    MOODS,
    OBSERVED_AT_UTS,
    PLAYS_COUNT,
    SOURCE,
    SPOTIFY_ID,
    TRACK,
    TRACK_MBID,
    YEAR,
    share,
)
from timbral.tables.declaration import Column, Table

USER_SCROBBLES_RAW = Table(
    name="user_scrobbles_raw",
    stage="raw",
    meaning="One play of a track at a known time.",
    columns=(
        LISTENER_ID,
        Column(
            "scrobbled_at_uts",
            "int64",
            "When the play began, in Unix seconds.",
            minimum=FIRST_SCROBBLE_UTS,
            maximum=LAST_UTS,
        ),
        ARTIST,
        TRACK,
        ALBUM,
        ARTIST_MBID,
        ALBUM_MBID,
        TRACK_MBID,
        Column("source_track_id", "string", "The source's own id of the track.", required=False, longest=100),
        Column("played_ms", "int64", "How long it was heard.", required=False, minimum=0, maximum=1e9),
        Column("was_skipped", "bool", "Whether the listener skipped it.", required=False),
        Column(
            "was_removed",
            "bool",
            "Whether the source no longer knows of the play: the row takes it back.",
            required=False,
        ),
        SOURCE,
        OBSERVED_AT_UTS,
    ),
    key=("listener_id", "scrobbled_at_uts", "artist", "track"),
    mode="append",
    provenance="listener",
    order="observed_at_uts",
    removal="was_removed",
)

USER_TRACKS_RAW = Table(
    name="user_tracks_raw",
    stage="raw",
    meaning="How often a listener played a track, where single plays have no time.",
    columns=(
        LISTENER_ID,
        Column(
            "source_track_id",
            "string",
            "The source's own id of the track; empty where it has none.",
            required=False,
            longest=100,
        ),
        Column(
            "artist",
            "string",
            "The artist's name; null where the source only has an id.",
            required=False,
            longest=LONGEST_NAME,
        ),
        Column(
            "track",
            "string",
            "The track's title; null where the source only has an id.",
            required=False,
            longest=LONGEST_NAME,
        ),
        ALBUM,
        ARTIST_MBID,
        TRACK_MBID,
        PLAYS_COUNT,
        SOURCE,
        OBSERVED_AT_UTS,
    ),
    key=("listener_id", "source_track_id", "artist", "track", "source"),
    mode="append",
    provenance="listener",
    order="observed_at_uts",
)

USER_ARTISTS_RAW = Table(
    name="user_artists_raw",
    stage="raw",
    meaning="How often a listener played an artist; never mixed with tracks in what is served.",
    columns=(
        LISTENER_ID,
        Column(
            "source_artist_id", "string", "The source's own id of the artist.", required=False, longest=100
        ),
        ARTIST,
        ARTIST_MBID,
        PLAYS_COUNT,
        SOURCE,
        OBSERVED_AT_UTS,
    ),
    key=("listener_id", "source_artist_id", "artist", "source"),
    mode="append",
    provenance="listener",
    order="observed_at_uts",
)

TAG_VOTES_RAW = Table(
    name="tag_votes_raw",
    stage="raw",
    meaning="How many people, or what weight of 100, gave a tag to a track, or to an artist.",
    columns=(
        ARTIST,
        Column(
            "track",
            "string",
            "The track's title; null for a tag of the artist.",
            required=False,
            longest=LONGEST_NAME,
        ),
        Column("tag", "string", "The tag as its givers spell it.", longest=200),
        Column("votes_count", "int64", "Votes, or Last.fm's weight of 0 to 100.", minimum=1, maximum=1e9),
        SOURCE,
        OBSERVED_AT_UTS,
    ),
    key=("artist", "track", "tag", "source"),
    mode="append",
    provenance="lastfm",
    order="observed_at_uts",
)

TRACKS_SPOTIFY = Table(
    name="tracks_spotify",
    stage="raw",
    meaning="A track as Spotify's catalogue has it.",
    columns=(
        SPOTIFY_ID,
        ARTIST,
        TRACK,
        ALBUM,
        Column(
            "genres",
            "list<string>",
            "Genres that the source gives, as unreliable as the source.",
            required=False,
        ),
        YEAR,
        DURATION_MS,
        Column("isrc", "string", "International Standard Recording Code.", required=False, longest=12),
        Column(
            "popularity", "int64", "Spotify's popularity, 0 to 100.", required=False, minimum=0, maximum=100
        ),
        SOURCE,
        OBSERVED_AT_UTS,
    ),
    key=("spotify_id",),
    mode="append",
    provenance="spotify",
    order="observed_at_uts",
)

AUDIO_FEATURES_SPOTIFY = Table(
    name="audio_features_spotify",
    stage="raw",
    meaning="A track's audio features as Spotify computed them.",
    columns=(SPOTIFY_ID, *AUDIO_FEATURES, SOURCE, OBSERVED_AT_UTS),
    key=("spotify_id",),
    mode="append",
    provenance="spotify",
    order="observed_at_uts",
)

ALBUMS_AOTY = Table(
    name="albums_aoty",
    stage="raw",
    meaning="An album's facts and ratings.",
    columns=(
        ARTIST,
        Column("title", "string", "The album's title.", longest=LONGEST_NAME),
        Column("aoty_id", "string", "The site's own album id.", required=False, longest=100),
        Column(
            "released_on",
            "string",
            "ISO 8601 date, as exact as known: 2009, 2009-03 or 2009-03-15.",
            required=False,
            longest=10,
        ),
        YEAR,
        Column("genres", "list<string>", "Genres, the main one first.", required=False),
        Column("genre_weights", "list<int64>", "How much each genre counts, by its place.", required=False),
        Column("tags", "list<string>", "What the source's users call it.", required=False),
        Column("tracks", "list<string>", "Titles of the track list, in order.", required=False),
        Column("description", "string", "What the album is, in prose.", required=False, longest=20_000),
        Column("critic_score", "float32", "Critics' mean, 0 to 100.", required=False, minimum=0, maximum=100),
        Column(
            "critic_reviews_count", "int64", "Reviews behind the critics' mean.", required=False, minimum=0
        ),
        Column("user_score", "float32", "Users' mean, 0 to 100.", required=False, minimum=0, maximum=100),
        Column("user_ratings_count", "int64", "Ratings behind the users' mean.", required=False, minimum=0),
        Column("label", "string", "The record label.", required=False, longest=LONGEST_NAME),
        Column("url", "string", "The page it came from.", required=False, longest=2_000),
        SOURCE,
        OBSERVED_AT_UTS,
    ),
    key=("artist", "title", "source"),
    mode="append",
    provenance="aoty",
    order="observed_at_uts",
)

ALBUM_REVIEWS_AOTY = Table(
    name="album_reviews_aoty",
    stage="raw",
    meaning="A review of an album, or a snippet of one.",
    columns=(
        Column(
            "review_id", "string", "The source's id, or the digest of album, reviewer and text.", longest=100
        ),
        ARTIST,
        Column("title", "string", "The album's title.", longest=LONGEST_NAME),
        Column("reviewer", "string", "Publication or user.", required=False, longest=LONGEST_NAME),
        Column("is_critic", "bool", "Whether a critic wrote it.", required=False),
        Column("score", "float32", "The reviewer's score, 0 to 100.", required=False, minimum=0, maximum=100),
        Column("text", "string", "The review or its snippet.", longest=100_000),
        SOURCE,
        OBSERVED_AT_UTS,
    ),
    key=("review_id",),
    mode="append",
    provenance="aoty",
    order="observed_at_uts",
)

MOOD_LABELS_RAW = Table(
    name="mood_labels_raw",
    stage="raw",
    meaning="How people who may be learned from judged a track's mood.",
    columns=(
        ARTIST,
        TRACK,
        share("energy", "Judged energy.", required=False),
        share("valence", "Judged valence.", required=False),
        *(share(mood, f"Share of judges who call it {mood}.", required=False) for mood in MOODS),
        SOURCE,
        OBSERVED_AT_UTS,
    ),
    key=("artist", "track", "source"),
    mode="append",
    provenance="catalogue",
    order="observed_at_uts",
)

RAW_TABLES = (
    USER_SCROBBLES_RAW,
    USER_TRACKS_RAW,
    USER_ARTISTS_RAW,
    TAG_VOTES_RAW,
    TRACKS_SPOTIFY,
    AUDIO_FEATURES_SPOTIFY,
    ALBUMS_AOTY,
    ALBUM_REVIEWS_AOTY,
    MOOD_LABELS_RAW,
)
