"""Columns that more than one table has, each defined once."""

from __future__ import annotations

from timbral.tables.declaration import Column

LONGEST_NAME = 1_000
FIRST_SCROBBLE_UTS = 1_009_843_200  # 2002-01-01, the year audioscrobbler began
LAST_UTS = 4_102_444_800  # 2100-01-01

LISTENER_ID = Column("listener_id", "string", "Who listened.", longest=200)
TRACK_ID = Column("track_id", "string", "The recording, by its one identity.", longest=32)
ARTIST_ID = Column("artist_id", "string", "The artist, by the digest of its normalised name.", longest=32)
ALBUM_ID = Column(
    "album_id", "string", "The album, by the digest of its normalised artist and title.", longest=32
)
ARTIST = Column("artist", "string", "The artist's name as the source spells it.", longest=LONGEST_NAME)
TRACK = Column("track", "string", "The track's title as the source spells it.", longest=LONGEST_NAME)
ALBUM = Column(
    "album", "string", "The album's title as the source spells it.", required=False, longest=LONGEST_NAME
)
ARTIST_MBID = Column("artist_mbid", "string", "MusicBrainz artist id.", required=False, longest=36)
ALBUM_MBID = Column("album_mbid", "string", "MusicBrainz release id.", required=False, longest=36)
TRACK_MBID = Column(
    "track_mbid", "string", "MusicBrainz recording id, as noisy as the source.", required=False, longest=36
)
SPOTIFY_ID = Column("spotify_id", "string", "Spotify's track id.", longest=64)
SOURCE = Column("source", "string", "The dialect or service that the row came from.", longest=100)
OBSERVED_AT_UTS = Column(
    "observed_at_uts",
    "int64",
    "When the source said so, in Unix seconds; 0 for a file that doesn't say.",
    minimum=0,
    maximum=LAST_UTS,
)
PLAYS_COUNT = Column("plays_count", "int64", "How often it was played.", minimum=1, maximum=1e9)
YEAR = Column("year", "int64", "Year of first release.", required=False, minimum=1000, maximum=2100)
DURATION_MS = Column(
    "duration_ms", "int64", "Length in milliseconds.", required=False, minimum=1, maximum=1e9
)
INPUT_HASH = Column("input_hash", "string", "Digest of all that the row was computed from.", longest=32)


def share(name: str, meaning: str, *, required: bool = True) -> Column:
    """Return a column of shares, 0 to 1."""
    return Column(name, "float32", meaning, required=required, minimum=0, maximum=1)


AUDIO_FEATURES = (
    share("danceability", "How fit for dancing.", required=False),
    share("energy", "Intensity and activity.", required=False),
    share("valence", "How positive it sounds.", required=False),
    share("acousticness", "Confidence that it is acoustic.", required=False),
    share("instrumentalness", "Confidence that nobody sings.", required=False),
    share("liveness", "Confidence that an audience is heard.", required=False),
    share("speechiness", "Share of spoken words.", required=False),
    Column("loudness", "float32", "Mean loudness in dBFS.", required=False, minimum=-100, maximum=20),
    Column("tempo", "float32", "Beats a minute.", required=False, minimum=0, maximum=1_000),
)
MOODS = ("upbeat", "chill", "dark", "happy", "sad", "romantic")
MOOD_SHARES = tuple(share(mood, f"Probability that listeners call it {mood}.") for mood in MOODS)
