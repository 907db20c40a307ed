"""Plays: who played which track how often, and at what hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.core.mentions import MACROS

if TYPE_CHECKING:
    import duckdb

RECENT_DAYS = 90
DAY_S = 86_400
_HOURS = ", ".join(f"count(*) FILTER (WHERE at_uts // 3600 % 24 = {hour})" for hour in range(24))

# Listeners and tracks go by number, in the order of their ids: ten million plays fit into memory.
_TIMED = """
CREATE TABLE listeners AS
SELECT listener_id, row_number() OVER (ORDER BY listener_id)::INTEGER AS listener_no
FROM (SELECT listener_id FROM scrobbles UNION SELECT listener_id FROM counted);

CREATE TABLE known_tracks AS
SELECT track_id, row_number() OVER (ORDER BY track_id)::INTEGER AS track_no
FROM (SELECT DISTINCT track_id FROM matches);

CREATE TABLE names AS
SELECT artist, track, track_no FROM matches JOIN known_tracks USING (track_id) WHERE artist IS NOT NULL;

CREATE TABLE ids AS
SELECT source_track_id AS outside_id, track_no
FROM matches JOIN known_tracks USING (track_id) WHERE source_track_id IS NOT NULL;

-- Two spellings of one track at one moment are one play, told twice.
CREATE TABLE timed AS
SELECT listener_no, track_no, scrobbled_at_uts AS at_uts,
    coalesce(bool_or(was_skipped), false) AS was_skipped
FROM scrobbles JOIN listeners USING (listener_id) JOIN names USING (artist, track)
GROUP BY listener_no, track_no, scrobbled_at_uts;
"""

# A source that counts a song again after it learned its name has not counted other plays, and two sources
# that count the same listener's plays of a track tell of the same ones.
_TALLIED = """
CREATE TABLE tallied AS
SELECT listener_no, track_no, max(plays_count) AS plays_count
FROM (
    SELECT listener_no, track_no, source, sum(plays_count)::BIGINT AS plays_count
    FROM (
        SELECT listener_no, track_no, source, coalesce(outside_id, artist || chr(31) || track) AS named,
            max(plays_count) AS plays_count
        FROM (
            SELECT listener_no, track_no, source, artist, track, plays_count,
                outside_id(source, source_track_id) AS outside_id
            FROM counted JOIN listeners USING (listener_id) JOIN names USING (artist, track)
            UNION ALL
            SELECT listener_no, track_no, source, NULL, NULL, plays_count, ids.outside_id
            FROM counted
            JOIN listeners USING (listener_id)
            JOIN ids ON ids.outside_id = outside_id(source, source_track_id)
            WHERE NOT is_named(artist, track)
        )
        GROUP BY listener_no, track_no, source, named
    )
    GROUP BY listener_no, track_no, source
)
GROUP BY listener_no, track_no;
"""

LISTENER_PLAYS_ROWS = f"""
WITH newest AS (SELECT max(at_uts) AS newest_uts FROM timed),
summed AS (
    SELECT listener_no, track_no, count(*) AS timed_count, count(*) FILTER (WHERE was_skipped) AS skips_count,
        min(at_uts) AS first_at_uts, max(at_uts) AS last_at_uts,
        count(*) FILTER (WHERE at_uts > newest_uts - {RECENT_DAYS * DAY_S}) AS recent_plays_count
    FROM timed, newest
    GROUP BY listener_no, track_no
)
SELECT listener_id, track_id, greatest(coalesce(timed_count, 0), coalesce(plays_count, 0)) AS plays_count,
    coalesce(skips_count, 0) AS skips_count, first_at_uts, last_at_uts,
    coalesce(recent_plays_count, 0) AS recent_plays_count
FROM summed
FULL JOIN tallied USING (listener_no, track_no)
JOIN listeners USING (listener_no)
JOIN known_tracks USING (track_no)
ORDER BY listener_no, track_no
"""  # noqa: S608  a number of the code's own

LISTENER_CLOCK_ROWS = f"""
SELECT listener_id, list_value({_HOURS}) AS hour_counts, max(at_uts) AS newest_at_uts,
    count(at_uts) AS scrobbles_count
FROM listeners LEFT JOIN timed USING (listener_no)
GROUP BY listener_id
ORDER BY listener_id
"""  # noqa: S608  numbers of the code's own


def gather_plays(engine: duckdb.DuckDBPyConnection) -> None:
    """Gather timed and counted plays for the queries `LISTENER_PLAYS_ROWS` and `LISTENER_CLOCK_ROWS`.

    Args:
        engine: A database with the latest rows of ``scrobbles`` and ``counted``, and ``matches``.
    """
    engine.execute(MACROS)
    engine.execute(_TIMED)
    engine.execute(_TALLIED)
