"""Artists and albums by name: one id a distinct spelling, whatever number of rows carry it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from timbral.core.engine_rows import batches_of, insert
from timbral.core.normalise import album_id, artist_id
from timbral.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

_ARTISTS = pa.schema([("artist", pa.string()), ("artist_id", pa.string())])
_ALBUMS = pa.schema([("artist", pa.string()), ("album", pa.string()), ("album_id", pa.string())])


def name_artists(engine: duckdb.DuckDBPyConnection, artists: str, name: str) -> None:
    """Make a table of ``artist`` and ``artist_id``.

    Args:
        engine: The database.
        artists: A query for distinct artists, as spelled or normalised.
        name: The table to make; a name of nothing but white space is not in it.
    """
    insert(engine, name, _ARTISTS.empty_table())
    for batch in batches_of(engine, artists):
        rows = [[artist, _known(artist_id, artist)] for artist in batch.column(0).to_pylist()]
        insert(engine, name, _rows(rows, _ARTISTS))


def name_albums(engine: duckdb.DuckDBPyConnection, albums: str, name: str) -> None:
    """Make a table of ``artist``, ``album`` and ``album_id``.

    Args:
        engine: The database.
        albums: A query for distinct pairs of artist and album title.
        name: The table to make; a pair with a name of nothing but white space is not in it.
    """
    insert(engine, name, _ALBUMS.empty_table())
    for batch in batches_of(engine, albums):
        pairs = zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)
        rows = [[artist, album, _known(album_id, artist, album)] for artist, album in pairs]
        insert(engine, name, _rows(rows, _ALBUMS))


def _known(identify: Callable[..., str], *names: str) -> str | None:
    try:
        return identify(*names)
    except InvalidInput:
        return None


def _rows(rows: list[list[str | None]], schema: pa.Schema) -> pa.Table:
    known = [row for row in rows if row[-1] is not None]
    columns = zip(*known, strict=True) if known else ([] for _ in schema)
    return pa.table([list(column) for column in columns], schema=schema)
