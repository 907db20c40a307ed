"""The view of tracks: all that is known of each, joined a slice of the tracks at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.core.engine_rows import count_of
from timbral.store.engine import stream
from timbral.tables.columns import AUDIO_FEATURES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb
    import pyarrow as pa

    from timbral.progress import Progress

SLICE_TRACKS = 20_000
TAGS_PER_TRACK = 30
GENRES_PER_TRACK = 5
_AUDIO = ", ".join(column.name for column in AUDIO_FEATURES)

# A track has several ids of Spotify's, one a release; its own goes first, then those that its names lead to.
_FOUND = f"""
CREATE TABLE on_spotify AS
SELECT track_id, spotify_id, popularity, genres
FROM catalogue JOIN matches USING (artist, track);

CREATE TABLE audio_of AS
SELECT track_id, {_AUDIO}
FROM (
    SELECT track_id, spotify_id, 0 AS distance, NULL::BIGINT AS popularity
    FROM tracks WHERE spotify_id IS NOT NULL
    UNION ALL
    SELECT track_id, spotify_id, 1, popularity FROM on_spotify
)
JOIN audio USING (spotify_id)
QUALIFY row_number() OVER (
    PARTITION BY track_id ORDER BY distance, popularity DESC NULLS LAST, spotify_id
) = 1;

CREATE TABLE spotify_genres AS
WITH told AS (
    SELECT track_id, unnest(genres) AS raw, generate_subscripts(genres, 1) AS position
    FROM (
        SELECT track_id, genres FROM on_spotify WHERE len(genres) > 0
        QUALIFY row_number() OVER (
            PARTITION BY track_id ORDER BY popularity DESC NULLS LAST, spotify_id
        ) = 1
    )
)
SELECT track_id, list(genre ORDER BY position) AS genres
FROM (SELECT track_id, genre, min(position) AS position FROM told JOIN genre_words USING (raw) GROUP BY ALL)
GROUP BY track_id;

CREATE TABLE played AS
SELECT track_id, sum(plays_count)::BIGINT AS total_plays_count,
    count(*) FILTER (WHERE plays_count > 0) AS listeners_count
FROM plays GROUP BY track_id;

CREATE TABLE numbered AS SELECT *, row_number() OVER (ORDER BY track_id) - 1 AS number FROM tracks;
"""  # noqa: S608  declared names

_SLICE = f"""
WITH slice AS (
    SELECT * FROM numbered WHERE number >= getvariable('start') AND number < getvariable('stop')
),
ranked AS (
    SELECT track_id, tag, share, genre,
        row_number() OVER (PARTITION BY track_id ORDER BY share DESC, tag) AS place,
        row_number() OVER (PARTITION BY track_id ORDER BY genre IS NULL, share DESC, tag) AS genre_place
    FROM tags SEMI JOIN slice USING (track_id) LEFT JOIN genre_words ON raw = tag AND is_known
),
called AS (
    SELECT track_id,
        list(tag ORDER BY place) FILTER (WHERE place <= {TAGS_PER_TRACK}) AS tags,
        list(share ORDER BY place) FILTER (WHERE place <= {TAGS_PER_TRACK}) AS tag_shares,
        list(genre ORDER BY place) FILTER (WHERE genre IS NOT NULL AND genre_place <= {GENRES_PER_TRACK})
            AS genres
    FROM ranked GROUP BY track_id
)
SELECT s.track_id, artist_id, s.album_id, artist, title, album, least(s.year, f.year) AS year, duration_ms,
    spotify_id, is_named, coalesce(c.tags, []) AS tags, coalesce(tag_shares, []) AS tag_shares,
    coalesce(g.genres, c.genres, []) AS genres, coalesce(o.genres, []) AS spotify_genres,
    x.description AS album_description,
    coalesce(snippets, []) AS review_snippets, critic_score, user_score, {_AUDIO},
    coalesce(total_plays_count, 0) AS total_plays_count, coalesce(listeners_count, 0) AS listeners_count
FROM slice s
LEFT JOIN called c USING (track_id)
LEFT JOIN album_facts f ON f.album_id = s.album_id
LEFT JOIN album_genres g ON g.album_id = s.album_id
LEFT JOIN album_texts x ON x.album_id = s.album_id
LEFT JOIN album_snippets n ON n.album_id = s.album_id
LEFT JOIN audio_of USING (track_id)
LEFT JOIN spotify_genres o USING (track_id)
LEFT JOIN played USING (track_id)
ORDER BY s.track_id
"""  # noqa: S608  declared names and numbers of the code's own


def join_tracks(engine: duckdb.DuckDBPyConnection, progress: Progress) -> Iterator[pa.RecordBatch]:
    """Yield the rows of ``track_feature_view``, sorted by its key.

    A track's genres are its album's, else those among its tags, heaviest first. What Spotify's catalogue
    says stands apart: it is least reliable, and its terms forbid training on it.

    Args:
        engine: A database with ``tracks``, ``matches``, ``tags``, ``plays``, the latest rows of ``catalogue``
            and ``audio``, and the tables of `timbral.features.albums`.
        progress: Told of every slice of tracks.
    """
    engine.execute(_FOUND)
    tracks_count = count_of(engine, "SELECT count(*) FROM numbered")
    progress.begin("features", tracks_count, "tracks")
    for start in range(0, tracks_count, SLICE_TRACKS):
        stop = min(start + SLICE_TRACKS, tracks_count)
        engine.execute(f"SET VARIABLE start = {start}; SET VARIABLE stop = {stop}")
        yield from stream(engine, _SLICE)
        progress.advance(stop - start)
