"""What files call their columns, in snake case, the most exact name first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.tables.columns import AUDIO_FEATURES, MOODS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LISTEN_NAMES: Mapping[str, Sequence[str]] = {
    "listener_id": ("listener_id", "listener", "user_id", "userid", "user", "user_name", "username"),
    "uts": (
        "uts",
        "timestamp",
        "scrobbled_at_uts",
        "scrobble_time",
        "listened_at",
        "played_at",
        "ts",
        "unix",
        "date_uts",
    ),
    "utc_time": ("utc_time", "datetime", "date_time", "time", "scrobbled_at", "end_time", "played_at_utc"),
    "date": ("date", "date_text"),
    "artist": ("artist", "artist_name", "artistname", "artname", "performer", "artist_text"),
    "track": (
        "track",
        "track_name",
        "trackname",
        "title",
        "song",
        "name",
        "traname",
        "track_title",
        "song_title",
    ),
    "album": ("album", "album_name", "release", "release_name", "album_title", "album_text"),
    "artist_mbid": ("artist_mbid", "artist_mbids", "artistmbid", "artid", "mbid_artist"),
    "album_mbid": ("album_mbid", "album_mbids", "release_mbid", "albummbid", "mbid_album"),
    "track_mbid": ("track_mbid", "mbid", "track_mbids", "recording_mbid", "trackmbid", "traid", "mbid_track"),
    "plays_count": (
        "plays_count",
        "plays",
        "playcount",
        "play_count",
        "listen_count",
        "plays_total",
        "count",
    ),
}
"""Columns of listening history."""

SONG_ID_NAMES = ("song_id", "track_id", "sid")
SONG_NAMES: Mapping[str, Sequence[str]] = {
    "song_id": SONG_ID_NAMES,
    "track": ("title", "name", "track", "track_name", "song_title"),
    "artist": ("artist_name", "artist"),
    "album": ("release", "album", "album_name"),
}
"""Columns of a table of songs that goes with play counts."""

AUDIO_NAMES: Mapping[str, Sequence[str]] = {
    "spotify_id": ("spotify_id", "uri", "spotify_uri", "track_uri", "spotify_track_uri", "track_id", "id"),
    "artist": ("artist", "artists", "artist_name", "artist_names", "track_artist"),
    "track": ("track", "track_name", "name", "title", "song"),
    "album": ("album", "album_name", "track_album_name"),
    "genres": ("genre", "genres", "track_genre", "playlist_genre"),
    "year": ("year", "release_year", "release_date", "track_album_release_date"),
    "duration_ms": ("duration_ms", "duration"),
    "isrc": ("isrc",),
    "popularity": ("popularity", "track_popularity"),
    **{column.name: (column.name,) for column in AUDIO_FEATURES},
}
"""Columns of tables of audio features."""

TAG_NAMES: Mapping[str, Sequence[str]] = {
    "artist": ("artist", "artist_name"),
    "track": ("track", "track_name", "title", "song", "name"),
    "tag": ("tag", "tag_name", "tag_value"),
    "votes_count": ("count", "votes_count", "votes", "weight", "tag_count"),
}
"""Columns of tables of tags."""

MOOD_NAMES: Mapping[str, Sequence[str]] = {
    "artist": ("artist", "artist_name"),
    "track": ("track", "track_name", "title", "song", "name"),
    "energy": ("energy",),
    "valence": ("valence",),
    **{mood: (mood,) for mood in MOODS},
}
"""Columns of tables of judged moods."""

ALBUM_NAMES: Mapping[str, Sequence[str]] = {
    "artist": ("artist", "artist_name"),
    "title": ("title", "album", "album_title", "album_name"),
    "aoty_id": ("aoty_id", "album_id"),
    "released_on": ("released_on", "release_date", "date"),
    "month": ("release_month", "month"),
    "day": ("release_day", "day"),
    "year": ("release_year", "year"),
    "genres": ("genres", "genre"),
    "description": ("description", "summary", "about"),
    "critic_score": ("aoty_critic_score", "critic_score", "critics_score"),
    "critic_reviews_count": (
        "aoty_critic_reviews",
        "critic_reviews_count",
        "critic_reviews",
        "critic_review_count",
        "num_critic_reviews",
    ),
    "user_score": ("aoty_user_score", "user_score", "users_score"),
    "user_ratings_count": (
        "aoty_user_reviews",
        "user_ratings_count",
        "rating_count",
        "user_rating_count",
        "user_reviews",
        "num_user_ratings",
        "ratings",
    ),
    "label": ("label", "labels", "record_label"),
    "url": ("url", "album_link", "link", "album_url"),
    "genre_weights": ("genre_weights",),
    "tags": ("tags",),
    "tracks": ("tracks", "track_titles"),
    "observed_at_uts": ("observed_at_uts",),
}
"""Columns of albums and their ratings."""

REVIEW_NAMES: Mapping[str, Sequence[str]] = {
    "artist": ("artist", "artist_name"),
    "title": ("title", "album", "album_title"),
    "review_id": ("review_id", "id"),
    "reviewer": ("reviewer", "author", "publication", "source", "critic", "user", "username"),
    "is_critic": ("is_critic", "type", "kind"),
    "score": ("score", "rating"),
    "text": ("text", "review", "snippet", "content", "body", "excerpt", "review_text"),
    "observed_at_uts": ("observed_at_uts",),
}
"""Fields of reviews."""

_HETREC_NAMES = ("user_id", "artist_id", "weight", "tag_id", "tag_value", "id", "name", "url", "picture_url")
_ALL = (LISTEN_NAMES, SONG_NAMES, AUDIO_NAMES, TAG_NAMES, MOOD_NAMES, ALBUM_NAMES, REVIEW_NAMES)

KNOWN_NAMES = frozenset(_HETREC_NAMES).union(*(names for table in _ALL for names in table.values()))
"""Every name by which a header is told from data."""


def positions(columns: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Find the columns of a file by what they may be called.

    Args:
        columns: The file's, in snake case.
        names: ``{our name: their names}``, the most exact first.

    Returns:
        ``{our name: position}`` of those that are there; no position twice.
    """
    found: dict[str, int] = {}
    for ours, theirs in names.items():
        for name in theirs:
            if name in columns and (at := columns.index(name)) not in found.values():
                found[ours] = at
                break
    return found
