"""Which recordings are the same track."""

from __future__ import annotations

from timbral.tables.columns import (
    ALBUM_ID,
    ARTIST_ID,
    DURATION_MS,
    LONGEST_NAME,
    TRACK_ID,
    YEAR,
)
from timbral.tables.declaration import Column, Table

GRADES = ("exact", "high", "medium", "low", "none")

TRACKS_CORE = Table(
    name="tracks_core",
    stage="core",
    meaning="One recording.",
    columns=(
        TRACK_ID,
        ARTIST_ID,
        Column("album_id", "string", ALBUM_ID.meaning, required=False, longest=32),
        Column(
            "artist",
            "string",
            "The name most often used; null where no source names it.",
            required=False,
            longest=LONGEST_NAME,
        ),
        Column(
            "title",
            "string",
            "The title most often used; null where no source names it.",
            required=False,
            longest=LONGEST_NAME,
        ),
        Column(
            "album", "string", "The album most often named with it.", required=False, longest=LONGEST_NAME
        ),
        YEAR,
        DURATION_MS,
        Column(
            "version",
            "string",
            "What makes it another recording than the plain one (live, remix …); empty for that.",
            required=False,
        ),
        Column("spotify_id", "string", "Spotify's track id.", required=False, longest=64),
        Column("isrc", "string", "International Standard Recording Code.", required=False, longest=12),
        Column("track_mbid", "string", "MusicBrainz recording id.", required=False, longest=36),
        Column(
            "source_track_id",
            "string",
            "Another source's own id, its kind in front: echonest:SOBBMDR12A8C13253B.",
            required=False,
            longest=201,
        ),
        Column(
            "is_named", "bool", "Whether artist and title are known, so that it can be shown to a listener."
        ),
        Column("spellings_count", "int64", "How many spellings it goes by.", minimum=1),
    ),
    key=("track_id",),
    mode="snapshot",
    provenance="timbral",
)

TRACK_MATCHES = Table(
    name="track_matches",
    stage="core",
    meaning="Which track a source's spelling, or its own id, means.",
    columns=(
        Column(
            "spelling_id",
            "string",
            "Digest of artist and track as spelled, or of the source's id alone.",
            longest=32,
        ),
        Column("artist", "string", "The artist as spelled.", required=False, longest=LONGEST_NAME),
        Column("track", "string", "The title as spelled.", required=False, longest=LONGEST_NAME),
        Column(
            "source_track_id",
            "string",
            "The source's own id, its kind in front, where there is no spelling.",
            required=False,
            longest=201,
        ),
        TRACK_ID,
        Column(
            "own_track_id",
            "string",
            "The id that the spelling alone gives; another than track_id where an id merged them.",
            longest=32,
        ),
        Column("grade", "string", "How sure the match is.", choices=GRADES),
        Column("reason", "string", "Why it is that track.", longest=200),
        Column(
            "artist_key", "string", "The lead artist, normalised; null without a spelling.", required=False
        ),
        Column("title_key", "string", "The title, normalised.", required=False),
        Column("version_key", "string", "The version, normalised; empty for the plain one.", required=False),
        Column("featured", "list<string>", "Normalised names of the guests.", required=False),
        Column("members", "list<string>", "Normalised names that the lead consists of.", required=False),
        Column(
            "links",
            "string",
            "Digest of all that could join the name to another; null where nothing could.",
            required=False,
            longest=32,
        ),
        Column("rules", "int64", "Version of the rules that read the spelling.", minimum=1),
    ),
    key=("spelling_id",),
    mode="snapshot",
    provenance="timbral",
)
