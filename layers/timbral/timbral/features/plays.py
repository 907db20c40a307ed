"""Plays: who played which track how often, at what hours, and what they said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.core.mentions import MACROS

if TYPE_CHECKING:
    import duckdb

RECENT_DAYS = 90
DAY_S = 86_400
MONTH_DAYS = 30
WEEK_DAYS = 7
LONG_ENOUGH_S = 30
"""A play reported by a client counts as one from here on, as a scrobble does."""
SAME_PLAY_S = 600
"""A play that a client reports and one that was scrobbled this close by are one play, told twice."""


def _hours(days: int | None) -> str:
    """Write the counts by hour of the plays of some days, or of all, as a list in SQL."""
    within = "" if days is None else f" AND at_uts > newest_uts - {days * DAY_S}"
    counts = (f"count(*) FILTER (WHERE at_uts // 3600 % 24 = {hour}{within})" for hour in range(24))
    return f"list_value({', '.join(counts)})"


# Listeners and tracks go by number, in the order of their ids: ten million plays fit into memory.
_TIMED = """
CREATE TABLE listeners AS
SELECT listener_id, row_number() OVER (ORDER BY listener_id)::INTEGER AS listener_no
FROM (
    SELECT listener_id FROM scrobbles UNION SELECT listener_id FROM counted
    UNION SELECT listener_id FROM feedback WHERE kind NOT IN ('impression', 'click')
);

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

# Clients name tracks by ids of ours, which a merge may have retired since.
_TOLD = f"""
CREATE TABLE told AS
SELECT listener_no, track_no, kind, at_uts, coalesce(played_s, 0) AS played_s
FROM feedback JOIN listeners USING (listener_id)
JOIN (
    SELECT told_id, any_value(track_id) AS track_id FROM (
        SELECT own_track_id AS told_id, track_id FROM matches
        UNION ALL SELECT track_id, track_id FROM matches
    ) GROUP BY told_id
) ids ON ids.told_id = feedback.track_id
JOIN known_tracks ON known_tracks.track_id = ids.track_id;

INSERT INTO timed
SELECT listener_no, track_no, at_uts, bool_or(kind = 'skip')
FROM told
WHERE (kind = 'skip' OR (kind = 'play' AND played_s >= {LONG_ENOUGH_S})) AND NOT EXISTS (
    SELECT 1 FROM timed
    WHERE timed.listener_no = told.listener_no AND timed.track_no = told.track_no
        AND timed.at_uts BETWEEN told.at_uts - {SAME_PLAY_S} AND told.at_uts + {SAME_PLAY_S}
)
GROUP BY listener_no, track_no, at_uts;

CREATE TABLE judged AS
SELECT listener_no, track_no, if(arg_max(kind, (at_uts, kind)) = 'dislike', -1, 1) AS verdict
FROM told WHERE kind IN ('like', 'dislike', 'save') GROUP BY listener_no, track_no;
"""  # noqa: S608  numbers of the code's own

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
        count(*) FILTER (WHERE at_uts > newest_uts - {RECENT_DAYS * DAY_S}) AS recent_plays_count,
        count(*) FILTER (WHERE at_uts > newest_uts - {MONTH_DAYS * DAY_S}) AS month_plays_count,
        count(*) FILTER (WHERE at_uts > newest_uts - {WEEK_DAYS * DAY_S}) AS week_plays_count
    FROM timed, newest
    GROUP BY listener_no, track_no
)
SELECT listener_id, track_id, greatest(coalesce(timed_count, 0), coalesce(plays_count, 0)) AS plays_count,
    coalesce(skips_count, 0) AS skips_count, first_at_uts, last_at_uts,
    coalesce(recent_plays_count, 0) AS recent_plays_count,
    coalesce(month_plays_count, 0) AS month_plays_count,
    coalesce(week_plays_count, 0) AS week_plays_count, coalesce(verdict, 0) AS verdict
FROM summed
FULL JOIN tallied USING (listener_no, track_no)
FULL JOIN judged USING (listener_no, track_no)
JOIN listeners USING (listener_no)
JOIN known_tracks USING (track_no)
ORDER BY listener_no, track_no
"""  # noqa: S608  a number of the code's own

LISTENER_CLOCK_ROWS = f"""
SELECT listener_id, {_hours(None)} AS hour_counts, {_hours(RECENT_DAYS)} AS recent_hour_counts,
    {_hours(MONTH_DAYS)} AS month_hour_counts, {_hours(WEEK_DAYS)} AS week_hour_counts,
    max(at_uts) AS newest_at_uts, count(at_uts) AS scrobbles_count
FROM listeners LEFT JOIN timed USING (listener_no), (SELECT max(at_uts) AS newest_uts FROM timed)
GROUP BY listener_id
ORDER BY listener_id
"""  # noqa: S608  numbers of the code's own


def gather_plays(engine: duckdb.DuckDBPyConnection) -> None:
    """Gather timed and counted plays for the queries `LISTENER_PLAYS_ROWS` and `LISTENER_CLOCK_ROWS`.

    Args:
        engine: A database with ``matches``, and latest rows of ``scrobbles``, ``counted``, ``feedback``.
    """
    engine.execute(MACROS)
    engine.execute(_TIMED)
    engine.execute(_TOLD)
    engine.execute(_TALLIED)
