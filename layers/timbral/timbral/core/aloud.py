"""Names in two scripts, found among all names: only artists that both scripts write are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from timbral.core.engine_rows import batches_of, insert
from timbral.core.normalise import Identity
from timbral.core.scripts import artist_sounds, is_latin, track_sounds

if TYPE_CHECKING:
    import duckdb

_SOUNDS = pa.schema([("own_id", pa.string()), ("sound", pa.string()), ("is_latin", pa.bool_())])

_PAIRED_ARTISTS = """
CREATE TABLE paired_artists AS
SELECT own_id AS artist_key FROM artist_sounds
SEMI JOIN (SELECT sound FROM artist_sounds GROUP BY sound HAVING count(DISTINCT is_latin) = 2) USING (sound)
UNION
SELECT artist_key FROM identified WHERE regexp_matches(title_key, '[^\x00-\x7f]')
"""
_PAIRED_TRACKS = """
SELECT DISTINCT own_track_id, artist_key, title_key, version_key
FROM identified SEMI JOIN paired_artists USING (artist_key)
"""
_SHARED = """
CREATE TABLE sounding AS
SELECT own_id, sound FROM track_sounds
SEMI JOIN (
    SELECT sound FROM track_sounds GROUP BY sound
    HAVING count(DISTINCT is_latin) = 2 AND count(DISTINCT own_id) <= $most_names
) USING (sound)
"""


def find_sounding(engine: duckdb.DuckDBPyConnection, most_names: int) -> None:
    """Make the table ``sounding``: each ``sound`` that Latin and other names share, with their ``own_id``.

    Args:
        engine: A database with ``identified``.
        most_names: A sound of more names says nothing.
    """
    insert(engine, "artist_sounds", _SOUNDS.empty_table())
    for batch in batches_of(engine, "SELECT DISTINCT artist_key FROM identified"):
        artists = batch.column(0).to_pylist()
        rows = [(key, sound, is_latin(key)) for key in artists for sound in artist_sounds(key)]
        insert(engine, "artist_sounds", _table(rows))
    engine.execute(_PAIRED_ARTISTS)
    insert(engine, "track_sounds", _SOUNDS.empty_table())
    for batch in batches_of(engine, _PAIRED_TRACKS):
        rows = []
        for own_id, *keys in zip(*batch.to_pydict().values(), strict=True):
            identity = Identity(*keys)
            written_in_latin = is_latin(identity.artist_key) and is_latin(identity.title_key)
            rows += [(own_id, sound, written_in_latin) for sound in track_sounds(identity)]
        insert(engine, "track_sounds", _table(rows))
    engine.execute(_SHARED, {"most_names": most_names})


def _table(rows: list[tuple[str, str, bool]]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table([list(column) for column in columns], schema=_SOUNDS)
