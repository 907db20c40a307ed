"""Merging: which names are one track, decided only among those that something links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from timbral.core.aloud import find_sounding
from timbral.core.clustering import MOST_NAMES, Alias, Spelling, cluster
from timbral.core.engine_rows import insert
from timbral.core.normalise import Identity

if TYPE_CHECKING:
    import duckdb

_ALIASES = pa.schema(
    [
        ("own_track_id", pa.string()),
        ("track_id", pa.string()),
        ("grade", pa.string()),
        ("reason", pa.string()),
    ]
)

_EVIDENCE = f"""
CREATE TABLE evidence AS
SELECT DISTINCT spelling_no, own_track_id, outside_id
FROM (
    SELECT artist, track, outside_id FROM mentions WHERE outside_id IS NOT NULL
    UNION ALL SELECT artist, track, 'mbid:' || mbid FROM mentions WHERE mbid IS NOT NULL
    UNION ALL SELECT artist, track, 'isrc:' || isrc FROM mentions WHERE isrc IS NOT NULL
)
JOIN spelled USING (artist, track) JOIN identified USING (spelling_no);

CREATE TABLE shared_ids AS
SELECT outside_id FROM evidence GROUP BY outside_id
HAVING count(DISTINCT own_track_id) BETWEEN 2 AND {MOST_NAMES};

CREATE TABLE linked AS
SELECT own_track_id FROM evidence SEMI JOIN shared_ids USING (outside_id)
UNION
SELECT own_id FROM sounding
UNION
SELECT unnest(own_track_ids) FROM (
    SELECT list(DISTINCT own_track_id) AS own_track_ids
    FROM identified
    WHERE len(members) + len(featured) > 1
    GROUP BY list_sort(list_distinct(list_concat(members, featured))), title_key, version_key
    HAVING count(DISTINCT own_track_id) BETWEEN 2 AND {MOST_NAMES}
);
"""  # noqa: S608  a number of the code's own
_LINKED = """
SELECT DISTINCT artist_key, title_key, version_key, featured, members, outside_ids, sounds
FROM identified
SEMI JOIN linked USING (own_track_id)
LEFT JOIN (
    SELECT own_id AS own_track_id, list(sound ORDER BY sound) AS sounds FROM sounding GROUP BY own_id
) USING (own_track_id)
LEFT JOIN (
    SELECT spelling_no, list(outside_id ORDER BY outside_id) AS outside_ids
    FROM evidence SEMI JOIN shared_ids USING (outside_id) GROUP BY spelling_no
) USING (spelling_no)
"""


def merge_names(engine: duckdb.DuckDBPyConnection) -> int:
    """Make the table ``aliases``: the names that are one track with another name.

    A name that shares neither an outside id, nor its credits, nor its sound in another script with
    another one can't be merged, so only those that do are looked at one by one.

    Args:
        engine: A database with ``mentions``, ``spelled`` and ``identified``.

    Returns:
        How many names go by another name's id.
    """
    find_sounding(engine, MOST_NAMES)
    engine.execute(_EVIDENCE)
    linked = engine.execute(_LINKED).fetchall()
    aliases = cluster(_spelling(row) for row in linked).values()
    rows = pa.Table.from_pylist([_alias(alias) for alias in aliases], schema=_ALIASES)
    insert(engine, "aliases", rows)
    return sum(alias.track_id != alias.canonical_id for alias in aliases)


def _spelling(row: tuple[Any, ...]) -> Spelling:
    artist_key, title_key, version_key, featured, members, outside_ids, sounds = row
    identity = Identity(artist_key, title_key, version_key, tuple(featured), tuple(members))
    return Spelling(identity, tuple(outside_ids or ()), tuple(sounds or ()))


def _alias(alias: Alias) -> dict[str, str]:
    return {
        "own_track_id": alias.track_id,
        "track_id": alias.canonical_id,
        "grade": alias.grade.label,
        "reason": alias.reason,
    }
