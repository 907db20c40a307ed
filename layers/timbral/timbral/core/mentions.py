"""Mentions: every way in which the sources name a track, each once, with how often it was played."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.core.engine_rows import count_of

if TYPE_CHECKING:
    import duckdb

MACROS = """
CREATE MACRO is_named(artist, track) AS
    coalesce(trim(artist), '') <> '' AND coalesce(trim(track), '') <> '';

-- Ids that are unique the world over have their kind in front, so that two sources may share them;
-- any other belongs to its source.
CREATE MACRO outside_id(source, own_id) AS CASE
    WHEN regexp_full_match(own_id, '(spotify:track:)?[0-9A-Za-z]{22}') THEN 'spotify:' || right(own_id, 22)
    WHEN regexp_full_match(own_id, '[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}')
        THEN 'mbid:' || lower(own_id)
    WHEN regexp_full_match(own_id, '(SO|TR)[0-9A-Z]{16}') THEN 'echonest:' || own_id
    WHEN trim(own_id) <> '' THEN source || ':' || own_id
END;
"""

_MENTIONS = """
CREATE TABLE mentions AS
SELECT artist, track, nullif(trim(album), '') AS album, nullif(lower(trim(mbid)), '') AS mbid, outside_id,
    nullif(upper(trim(isrc)), '') AS isrc, sum(plays)::BIGINT AS plays_count
FROM (
    SELECT artist, track, album, track_mbid AS mbid, outside_id(source, source_track_id) AS outside_id,
        NULL AS isrc, 1 AS plays
    FROM scrobbles
    UNION ALL
    SELECT if(is_named(artist, track), artist, NULL), if(is_named(artist, track), track, NULL), album,
        track_mbid, outside_id(source, source_track_id), NULL, plays_count
    FROM counted
    UNION ALL
    SELECT artist, track, album, NULL, 'spotify:' || spotify_id, isrc, 0 FROM catalogue
    UNION ALL
    SELECT artist, track, NULL, NULL, NULL, NULL, 0 FROM moods
    UNION ALL
    SELECT artist, track, NULL, NULL, NULL, NULL, 0 FROM votes WHERE is_named(artist, track)
)
GROUP BY ALL;

CREATE TABLE spelled AS
SELECT row_number() OVER (ORDER BY artist, track) AS spelling_no, *
FROM (
    SELECT artist, track, sum(plays_count)::BIGINT AS plays_count
    FROM mentions WHERE artist IS NOT NULL GROUP BY artist, track
);

CREATE TABLE bare AS
SELECT outside_id, sum(plays_count)::BIGINT AS plays_count
FROM mentions WHERE artist IS NULL AND outside_id IS NOT NULL GROUP BY outside_id;
"""


def gather_mentions(engine: duckdb.DuckDBPyConnection) -> None:
    """Gather what the sources say into three tables.

    ``mentions`` has a row for each spelling with each album and id that came with it; ``spelled`` each
    spelling once, numbered in its order; ``bare`` each outside id that came without a spelling.

    Args:
        engine: A database with the latest rows of ``scrobbles``, ``counted``, ``catalogue``, ``moods``
            and ``votes``.
    """
    engine.execute(MACROS)
    engine.execute(_MENTIONS)


def count_nameless(engine: duckdb.DuckDBPyConnection) -> int:
    """Count the plays that no track can be found for: neither both names nor an id."""
    return count_of(
        engine,
        "SELECT coalesce(sum(plays_count), 0)::BIGINT FROM mentions "
        "WHERE artist IS NULL AND outside_id IS NULL",
    )
