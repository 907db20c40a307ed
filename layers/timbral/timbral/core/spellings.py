"""Spellings read: each distinct one once, and never again while the rules stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from timbral.core.engine_rows import batches_of, count_of, insert
from timbral.core.normalise import identify, source_track_id, track_id
from timbral.digests import digest_json
from timbral.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

    from timbral.progress import Progress

RULES_VERSION = 3
"""Raised by hand when `timbral.core.normalise` reads any spelling in another way."""

_IDENTIFIED = pa.schema(
    [
        ("spelling_no", pa.int64()),
        ("spelling_id", pa.string()),
        ("own_track_id", pa.string()),
        ("artist_key", pa.string()),
        ("title_key", pa.string()),
        ("version_key", pa.string()),
        ("featured", pa.list_(pa.string())),
        ("members", pa.list_(pa.string())),
    ]
)
_BARE_READ = pa.schema(
    [("outside_id", pa.string()), ("spelling_id", pa.string()), ("own_track_id", pa.string())]
)

_REUSE = """
CREATE TABLE identified AS
SELECT spelling_no, spelling_id, own_track_id, artist_key, title_key, version_key, featured, members
FROM spelled JOIN former USING (artist, track) WHERE former.rules = $rules
"""
_UNREAD = """
SELECT spelling_no, artist, track FROM spelled
WHERE spelling_no NOT IN (SELECT spelling_no FROM identified) ORDER BY spelling_no
"""


def read_spellings(rows: Iterable[tuple[int, str, str]]) -> tuple[pa.Table, list[int]]:
    """Read spellings.

    Args:
        rows: Number, artist and track of each.

    Returns:
        A row a spelling with its id and its identity, and the numbers of those that can't be read
        because a field holds nothing but white space.
    """
    read: list[dict[str, Any]] = []
    unreadable = []
    for number, artist, track in rows:
        try:
            identity = identify(artist, track)
        except InvalidInput:
            unreadable.append(number)
            continue
        read.append(
            {
                "spelling_no": number,
                "spelling_id": digest_json([artist, track]),
                "own_track_id": track_id(identity),
                "artist_key": identity.artist_key,
                "title_key": identity.title_key,
                "version_key": identity.version_key,
                "featured": identity.featured,
                "members": identity.members,
            }
        )
    return pa.Table.from_pylist(read, schema=_IDENTIFIED), unreadable


def identify_spelled(engine: duckdb.DuckDBPyConnection, progress: Progress) -> tuple[int, int, int]:
    """Make the table ``identified``: one row a readable row of ``spelled``.

    Args:
        engine: A database with ``spelled``, and ``former``: the rows of `TRACK_MATCHES` as last published.
        progress: Told of every spelling that had to be read.

    Returns:
        How many were read, reused, and unreadable.
    """
    engine.execute(_REUSE, {"rules": RULES_VERSION})
    reused_count = count_of(engine, "SELECT count(*) FROM identified")
    unread_count = count_of(engine, "SELECT count(*) FROM spelled") - reused_count
    progress.begin("core", unread_count, "spellings")
    unreadable_count = 0
    for batch in batches_of(engine, _UNREAD):
        read, unreadable = read_spellings(zip(*batch.to_pydict().values(), strict=True))
        unreadable_count += len(unreadable)
        insert(engine, "identified", read)
        progress.advance(batch.num_rows)
    return unread_count - unreadable_count, reused_count, unreadable_count


def identify_bare(engine: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``bare_identified``: ids for each row of ``bare``."""
    insert(engine, "bare_identified", _BARE_READ.empty_table())
    for batch in batches_of(engine, "SELECT outside_id FROM bare"):
        read = [_read_bare(outside_id) for outside_id in batch.column(0).to_pylist()]
        insert(engine, "bare_identified", pa.Table.from_pylist(read, schema=_BARE_READ))


def _read_bare(outside_id: str) -> dict[str, str]:
    source, _, own_id = outside_id.partition(":")
    return {
        "outside_id": outside_id,
        "spelling_id": digest_json([outside_id]),
        "own_track_id": source_track_id(source, own_id),
    }
