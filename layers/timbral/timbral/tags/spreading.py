"""Spreading: the blend of `timbral.tags.blending`, for all tracks at once.

What is said of an album or an artist is summed up once and then spread over its tracks, a slice of
the tracks at a time, so that memory does not grow with their number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from timbral.core.engine_rows import batches_of, count_of, insert
from timbral.core.names import name_albums, name_artists
from timbral.core.normalise import artist_id, identify
from timbral.errors import InvalidInput
from timbral.store.engine import stream
from timbral.tags.blending import LEVELS, TAGS_PER_TRACK, weight_of
from timbral.tags.normalise import normalise_tag
from timbral.tags.vocabulary import is_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from timbral.progress import Progress

SLICE_TRACKS = 20_000
_READINGS = pa.schema(
    [
        ("raw", pa.string()),
        ("tag", pa.string()),
        ("is_known", pa.bool_()),
        ("as_artist", pa.string()),
        ("as_title", pa.string()),
    ]
)
_WEIGHTS = pa.schema([("source", pa.string()), ("level", pa.string()), ("weight", pa.int64())])

# A tag that only repeats the artist's or the track's name says nothing, unless it is a word for music.
_GIVEN = """
CREATE TABLE given AS
SELECT level, entity, source, tag, sum(votes_count) AS votes_count
FROM (
    SELECT 'track' AS level, track_id AS entity, source, r.tag, votes_count
    FROM votes v
    JOIN matches m ON m.artist = v.artist AND m.track = v.track
    JOIN tracks t USING (track_id)
    JOIN readings r ON r.raw = v.tag
    WHERE is_known OR (as_artist IS DISTINCT FROM t.artist_id AND as_title IS DISTINCT FROM m.title_key)
    UNION ALL
    SELECT 'artist', artist_id, source, r.tag, votes_count
    FROM votes v
    JOIN vote_artists a ON a.artist = v.artist
    JOIN readings r ON r.raw = v.tag
    WHERE coalesce(trim(track), '') = '' AND (is_known OR as_artist IS DISTINCT FROM a.artist_id)
    UNION ALL
    SELECT 'album', album_id, source, r.tag, coalesce(weight, if(place = 1, 2, 1))
    FROM (
        SELECT artist, title, source, unnest(genres) AS genre, generate_subscripts(genres, 1) AS place,
            genre_weights[place] AS weight
        FROM albums
        UNION ALL SELECT artist, title, source, unnest(tags), 1, 1 FROM albums
    ) g
    JOIN album_names n ON n.artist = g.artist AND n.album = g.title
    JOIN readings r ON r.raw = g.genre
)
GROUP BY ALL
"""

_BUNDLES = f"""
CREATE TABLE bundles AS
SELECT level, entity, tag, sum(contribution) AS contribution, list(source ORDER BY source) AS sources
FROM (
    SELECT level, entity, tag, source,
        greatest(
            votes_count * weight // sum(votes_count) OVER (PARTITION BY level, entity, source), 1
        ) AS contribution
    FROM given JOIN weights USING (source, level)
)
GROUP BY level, entity, tag
QUALIFY row_number() OVER (
    PARTITION BY level, entity ORDER BY sum(contribution) DESC, tag
) <= {TAGS_PER_TRACK};

CREATE TABLE numbered AS
SELECT track_id, album_id, artist_id, row_number() OVER (ORDER BY track_id) - 1 AS place FROM tracks
"""  # noqa: S608  a number of the code's own

_SLICE = f"""
WITH slice AS (SELECT * FROM numbered WHERE place >= getvariable('start') AND place < getvariable('stop')),
spread AS (
    SELECT track_id, tag, contribution, sources, level, 0 AS distance
    FROM slice JOIN bundles ON level = 'track' AND entity = track_id
    UNION ALL
    SELECT track_id, tag, contribution, sources, level, 1
    FROM slice JOIN bundles ON level = 'album' AND entity = album_id
    UNION ALL
    SELECT track_id, tag, contribution, sources, level, 2
    FROM slice JOIN bundles ON level = 'artist' AND entity = artist_id
),
kept AS (
    SELECT track_id, tag, sum(contribution) AS weight,
        first(level ORDER BY contribution DESC, distance) AS level,
        list_sort(list_distinct(flatten(list(sources)))) AS sources
    FROM spread
    GROUP BY track_id, tag
    QUALIFY row_number() OVER (PARTITION BY track_id ORDER BY weight DESC, tag) <= {TAGS_PER_TRACK}
)
SELECT track_id, tag, (weight::DOUBLE / (sum(weight) OVER (PARTITION BY track_id))::DOUBLE)::FLOAT AS share,
    level, sources
FROM kept
ORDER BY track_id, tag
"""  # noqa: S608  a number of the code's own


def bundle_votes(engine: duckdb.DuckDBPyConnection) -> int:
    """Sum up what is said of every track, album and artist into the table ``bundles``.

    Args:
        engine: A database with ``votes``, ``albums``, ``matches`` and ``tracks``.

    Returns:
        How many spellings of tags were left out for saying nothing about the music.
    """
    insert(engine, "readings", _READINGS.empty_table())
    raw = (
        "SELECT tag FROM votes UNION SELECT unnest(genres) FROM albums UNION SELECT unnest(tags) FROM albums"
    )
    dropped_count = 0
    for batch in batches_of(engine, raw):
        read = read_tags([tag for tag in batch.column(0).to_pylist() if tag])
        dropped_count += batch.num_rows - read.num_rows
        insert(engine, "readings", read)
    name_artists(engine, "SELECT DISTINCT artist FROM votes", "vote_artists")
    name_albums(engine, "SELECT DISTINCT artist, title FROM albums", "album_names")
    engine.execute(_GIVEN)
    sources = [source for (source,) in engine.execute("SELECT DISTINCT source FROM given").fetchall()]
    weights = [(source, level, weight_of(source, level)) for source in sources for level in LEVELS]
    columns = zip(*weights, strict=True) if weights else ([], [], [])
    insert(engine, "weights", pa.table([list(column) for column in columns], schema=_WEIGHTS))
    engine.execute(_BUNDLES)
    return dropped_count


def read_tags(raw: list[str]) -> pa.Table:
    """Read tags as they are spelled.

    Args:
        raw: Distinct spellings.

    Returns:
        A row for each that says something: its normalised form, whether the vocabulary knows it, and which
        artist and which title it would be, were it a name.
    """
    rows = []
    for spelling in raw:
        if (tag := normalise_tag(spelling)) is None:
            continue
        try:
            names = {"as_artist": artist_id(spelling), "as_title": identify("-", spelling).title_key}
        except InvalidInput:
            names = {}
        rows.append({"raw": spelling, "tag": tag, "is_known": is_known(tag), **names})
    return pa.Table.from_pylist(rows, schema=_READINGS)


def spread_bundles(engine: duckdb.DuckDBPyConnection, progress: Progress) -> Iterator[pa.RecordBatch]:
    """Yield the rows of ``track_tags``, sorted by its key.

    Args:
        engine: A database after `bundle_votes`.
        progress: Told of every slice of tracks.
    """
    tracks_count = count_of(engine, "SELECT count(*) FROM numbered")
    progress.begin("tags", tracks_count, "tracks")
    for start in range(0, tracks_count, SLICE_TRACKS):
        stop = min(start + SLICE_TRACKS, tracks_count)
        engine.execute(f"SET VARIABLE start = {start}; SET VARIABLE stop = {stop}")
        yield from stream(engine, _SLICE)
        progress.advance(stop - start)
