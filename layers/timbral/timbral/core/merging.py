"""Merging: which names are one track, decided only among those that something links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from timbral.core.aloud import find_sounding
from timbral.core.clustering import MOST_NAMES, Alias, Spelling, cluster
from timbral.core.engine_rows import count_of, insert
from timbral.core.normalise import Identity
from timbral.core.spellings import RULES_VERSION

if TYPE_CHECKING:
    import duckdb

MERGING_VERSION = 1
"""Raised by hand when names that are linked are joined in another way."""

_ALIASES = pa.schema(
    [
        ("own_track_id", pa.string()),
        ("track_id", pa.string()),
        ("grade", pa.string()),
        ("reason", pa.string()),
    ]
)

_GROUPS = f"""
CREATE TABLE evidence AS
SELECT DISTINCT own_track_id, outside_id
FROM (
    SELECT artist, track, outside_id FROM mentions WHERE outside_id IS NOT NULL
    UNION ALL SELECT artist, track, 'mbid:' || mbid FROM mentions WHERE mbid IS NOT NULL
    UNION ALL SELECT artist, track, 'isrc:' || isrc FROM mentions WHERE isrc IS NOT NULL
)
JOIN spelled USING (artist, track) JOIN identified USING (spelling_no);

CREATE TABLE shared_ids AS
SELECT outside_id FROM evidence GROUP BY outside_id HAVING count(*) BETWEEN 2 AND {MOST_NAMES};

CREATE TABLE credited AS
SELECT DISTINCT own_track_id,
    concat_ws(chr(30), array_to_string(list_sort(list_distinct(list_concat(members, featured))), chr(31)),
        title_key, version_key) AS credit
FROM identified WHERE len(members) + len(featured) > 1;

CREATE TABLE groups AS
SELECT own_track_id, 'id ' || outside_id AS name FROM evidence SEMI JOIN shared_ids USING (outside_id)
UNION ALL
SELECT DISTINCT own_id, 'sound ' || sound FROM sounding
UNION ALL
SELECT own_track_id, 'credit ' || credit FROM credited
SEMI JOIN (SELECT credit FROM credited GROUP BY credit HAVING count(*) > 1) USING (credit);
"""  # noqa: S608  a number of the code's own

# All that decides on a name's merging: what it is, and who is with it in which groups.
_DIGESTS = """
CREATE TABLE link_digests AS
WITH members_of AS (
    SELECT name, md5(string_agg(own_track_id, ' ' ORDER BY own_track_id)) AS digest FROM groups GROUP BY name
), grouped AS (
    SELECT own_track_id, md5(string_agg(name || chr(29) || digest, chr(29) ORDER BY name)) AS digest
    FROM groups JOIN members_of USING (name) GROUP BY own_track_id
), spelled_as AS (
    SELECT DISTINCT own_track_id, concat_ws(chr(30), artist_key, title_key, version_key,
        array_to_string(featured, chr(31)), array_to_string(members, chr(31))) AS identity
    FROM identified SEMI JOIN grouped USING (own_track_id)
), named AS (
    SELECT own_track_id, md5(string_agg(identity, chr(29) ORDER BY identity)) AS digest
    FROM spelled_as GROUP BY own_track_id
)
SELECT own_track_id, md5(concat_ws(' ', $version, named.digest, grouped.digest)) AS links
FROM named JOIN grouped USING (own_track_id)
"""
_CHANGED = """
CREATE TABLE changed AS
SELECT own_track_id FROM link_digests
ANTI JOIN (SELECT own_track_id, links FROM former WHERE links IS NOT NULL) USING (own_track_id, links)
"""
_SPREAD = """
INSERT INTO changed
SELECT DISTINCT own_track_id FROM groups
SEMI JOIN (SELECT name FROM groups SEMI JOIN changed USING (own_track_id)) USING (name)
ANTI JOIN changed USING (own_track_id)
"""
_LINKED = """
SELECT DISTINCT artist_key, title_key, version_key, featured, members, outside_ids, sounds
FROM identified
SEMI JOIN changed USING (own_track_id)
LEFT JOIN (
    SELECT own_id AS own_track_id, list(sound ORDER BY sound) AS sounds FROM sounding GROUP BY own_id
) USING (own_track_id)
LEFT JOIN (
    SELECT own_track_id, list(outside_id ORDER BY outside_id) AS outside_ids
    FROM evidence SEMI JOIN shared_ids USING (outside_id) GROUP BY own_track_id
) USING (own_track_id)
"""
_REUSE = """
INSERT INTO aliases BY NAME
SELECT DISTINCT own_track_id, track_id, grade, reason FROM former
SEMI JOIN link_digests USING (own_track_id) ANTI JOIN changed USING (own_track_id)
WHERE artist IS NOT NULL AND track_id <> own_track_id
"""


def merge_names(engine: duckdb.DuckDBPyConnection) -> int:
    """Make the table ``aliases``, the names that are one track with another name, and ``link_digests``.

    A name that shares neither an outside id, nor its credits, nor its sound in another script with
    another one can't be merged, so only those that do are looked at one by one; and of those only the
    ones that are linked, over however many others, to a name whose digest has changed.

    Args:
        engine: A database with ``mentions``, ``spelled``, ``identified``, and ``former``: the rows of
            `TRACK_MATCHES` as last published.

    Returns:
        How many names go by another name's id.
    """
    find_sounding(engine, MOST_NAMES)
    engine.execute(_GROUPS)
    engine.execute(_DIGESTS, {"version": f"{MERGING_VERSION} {RULES_VERSION}"})
    engine.execute(_CHANGED)
    while engine.execute(_SPREAD).fetchall() != [(0,)]:
        pass
    linked = engine.execute(_LINKED).fetchall()
    aliases = cluster(_spelling(row) for row in linked).values()
    rows = pa.Table.from_pylist([_alias(alias) for alias in aliases], schema=_ALIASES)
    insert(engine, "aliases", rows)
    engine.execute(_REUSE)
    return count_of(engine, "SELECT count(*) FROM aliases WHERE track_id <> own_track_id")


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
