"""Tracks: of all that is said of a recording, what it goes by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.core.names import name_albums, name_artists
from timbral.core.spellings import RULES_VERSION

if TYPE_CHECKING:
    import duckdb

_MATCHED = """
CREATE TABLE matched AS
SELECT spelling_no, artist, track, plays_count, own_track_id, coalesce(a.track_id, own_track_id) AS track_id
FROM identified JOIN spelled USING (spelling_no) LEFT JOIN aliases a USING (own_track_id);

-- An id on several names stands for the one that was played most often under it.
CREATE TABLE named_ids AS
SELECT outside_id, track_id
FROM mentions JOIN matched USING (artist, track)
WHERE outside_id IS NOT NULL
GROUP BY outside_id, track_id
QUALIFY row_number() OVER (
    PARTITION BY outside_id ORDER BY sum(mentions.plays_count) DESC, track_id
) = 1;

CREATE TABLE bare_matched AS
SELECT outside_id, spelling_id, own_track_id, coalesce(n.track_id, own_track_id) AS track_id, plays_count,
    n.track_id IS NOT NULL AS is_named
FROM bare_identified JOIN bare USING (outside_id) LEFT JOIN named_ids n USING (outside_id);
"""

MATCHES = f"""
SELECT i.spelling_id, m.artist, m.track, NULL AS source_track_id, m.track_id, m.own_track_id,
    if(m.track_id = m.own_track_id, 'exact', a.grade) AS grade,
    if(m.track_id = m.own_track_id, 'the names say so', a.reason) AS reason,
    artist_key, title_key, version_key, featured, members, links, {RULES_VERSION}::BIGINT AS rules
FROM matched m JOIN identified i USING (spelling_no) LEFT JOIN aliases a ON a.own_track_id = m.own_track_id
LEFT JOIN link_digests l ON l.own_track_id = m.own_track_id
UNION ALL
SELECT spelling_id, NULL, NULL, outside_id, track_id, own_track_id, if(is_named, 'high', 'none'),
    if(is_named, 'the same id comes with a name elsewhere', 'only the id is known'),
    NULL, NULL, NULL, NULL, NULL, NULL, {RULES_VERSION}::BIGINT
FROM bare_matched
ORDER BY spelling_id
"""  # noqa: S608  a number of the code's own

_CHOSEN = """
CREATE TABLE named AS
SELECT track_id, artist, track AS title, artist_key, version_key
FROM matched
JOIN (
    SELECT own_track_id, any_value(artist_key) AS artist_key, any_value(version_key) AS version_key
    FROM identified GROUP BY own_track_id
) canonical ON canonical.own_track_id = track_id
QUALIFY row_number() OVER (PARTITION BY track_id ORDER BY plays_count DESC, artist, track) = 1;

CREATE TABLE said AS
SELECT track_id, artist, track, album, mbid, outside_id, mentions.plays_count
FROM mentions JOIN matched USING (artist, track)
UNION ALL
SELECT track_id, NULL, NULL, NULL, NULL, outside_id, plays_count FROM bare_matched;

CREATE TABLE albums AS
SELECT track_id, album FROM said WHERE album IS NOT NULL GROUP BY track_id, album
QUALIFY row_number() OVER (PARTITION BY track_id ORDER BY sum(plays_count) DESC, album) = 1;

CREATE TABLE ids AS
WITH counted_ids AS (
    SELECT track_id, outside_id, sum(plays_count) AS plays_count
    FROM (
        SELECT track_id, outside_id, plays_count FROM said WHERE outside_id IS NOT NULL
        UNION ALL SELECT track_id, 'mbid:' || mbid, plays_count FROM said WHERE mbid IS NOT NULL
    )
    GROUP BY track_id, outside_id
), ranked AS (
    SELECT *, CASE WHEN outside_id LIKE 'spotify:%' THEN 'spotify' WHEN outside_id LIKE 'mbid:%' THEN 'mbid'
        ELSE 'other' END AS kind
    FROM counted_ids
    QUALIFY row_number() OVER (PARTITION BY track_id, kind ORDER BY plays_count DESC, outside_id) = 1
)
SELECT track_id,
    substr(max(outside_id) FILTER (WHERE kind = 'spotify'), 9) AS spotify_id,
    substr(max(outside_id) FILTER (WHERE kind = 'mbid'), 6) AS track_mbid,
    max(outside_id) FILTER (WHERE kind = 'other') AS source_track_id
FROM ranked GROUP BY track_id;

CREATE TABLE facts AS
WITH ranked AS (
    SELECT track_id, spotify_id, year, duration_ms, nullif(upper(trim(isrc)), '') AS isrc,
        row_number() OVER (PARTITION BY track_id ORDER BY popularity DESC NULLS LAST, spotify_id) AS place
    FROM catalogue JOIN matched USING (artist, track)
)
SELECT track_id, arg_min(spotify_id, place) AS spotify_id, min(year) AS year,
    arg_min(duration_ms, place) AS duration_ms, arg_min(isrc, place) AS isrc
FROM ranked GROUP BY track_id;

CREATE TABLE goes_by AS
SELECT track_id, count(*) AS spellings_count
FROM (SELECT track_id FROM matched UNION ALL SELECT track_id FROM bare_matched)
GROUP BY track_id;
"""

TRACKS = """
SELECT g.track_id, coalesce(artist_id, g.track_id) AS artist_id, album_id, n.artist, title, b.album, year,
    duration_ms, version_key AS version, coalesce(f.spotify_id, i.spotify_id) AS spotify_id, isrc, track_mbid,
    source_track_id, n.track_id IS NOT NULL AS is_named, spellings_count
FROM goes_by g
LEFT JOIN named n USING (track_id)
LEFT JOIN artist_ids a ON a.artist = artist_key
LEFT JOIN albums b USING (track_id)
LEFT JOIN album_ids d ON d.artist = artist_key AND d.album = b.album
LEFT JOIN facts f USING (track_id)
LEFT JOIN ids i USING (track_id)
ORDER BY track_id
"""


def match_mentions(engine: duckdb.DuckDBPyConnection) -> None:
    """Make the tables ``matched`` and ``bare_matched``; then the query `MATCHES` can be run.

    Args:
        engine: A database with the tables that mentions, spellings and merging make.
    """
    engine.execute(_MATCHED)


def choose_facts(engine: duckdb.DuckDBPyConnection) -> None:
    """Choose what each track goes by; then the query `TRACKS` can be run.

    Names, albums and ids are those of the most plays, ties by their text; Spotify's own facts come
    from its most popular row, the year from the earliest. A track of which only an id is known is
    an artist of its own, lest all the unknown be taken for one.
    """
    engine.execute(_CHOSEN)
    name_artists(engine, "SELECT DISTINCT artist_key FROM named", "artist_ids")
    name_albums(
        engine, "SELECT DISTINCT artist_key, album FROM named JOIN albums USING (track_id)", "album_ids"
    )
