"""Albums: facts, genres and prose by album, wherever they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from timbral.core.engine_rows import batches_of, insert
from timbral.core.names import name_albums
from timbral.features.prose import LONGEST_DESCRIPTION, LONGEST_SNIPPET, SNIPPETS_PER_ALBUM, cut_text
from timbral.tags.normalise import normalise_tag
from timbral.tags.vocabulary import is_genre

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

_WORDS = pa.schema([("raw", pa.string()), ("genre", pa.string()), ("is_known", pa.bool_())])
_TEXTS = pa.schema([("album_id", pa.string()), ("description", pa.string())])
_SNIPPETS = pa.schema([("album_id", pa.string()), ("place", pa.int64()), ("snippet", pa.string())])

_RAW_GENRES = """
SELECT DISTINCT genre FROM (
    SELECT unnest(genres) AS genre FROM albums
    UNION ALL SELECT unnest(genres) FROM catalogue
    UNION ALL SELECT tag FROM tags
)
WHERE genre IS NOT NULL
"""

# Of several rows about one album, the one that most people rated speaks first.
_FACTS = """
CREATE TABLE ranked_albums AS
SELECT album_id, a.*, row_number() OVER (
    PARTITION BY album_id
    ORDER BY coalesce(critic_reviews_count, 0) + coalesce(user_ratings_count, 0) DESC, observed_at_uts DESC,
        source, a.artist, title
) AS place
FROM albums a JOIN album_names n ON n.artist = a.artist AND n.album = a.title;

CREATE TABLE album_facts AS
SELECT album_id, min(year) AS year, arg_min(critic_score, place) AS critic_score,
    arg_min(user_score, place) AS user_score
FROM ranked_albums GROUP BY album_id;

CREATE TABLE album_genres AS
WITH told AS (
    SELECT album_id, unnest(genres) AS raw, generate_subscripts(genres, 1) AS position
    FROM (
        SELECT album_id, arg_min(genres, place) AS genres
        FROM ranked_albums WHERE len(genres) > 0 GROUP BY album_id
    )
)
SELECT album_id, list(genre ORDER BY position) AS genres
FROM (SELECT album_id, genre, min(position) AS position FROM told JOIN genre_words USING (raw) GROUP BY ALL)
GROUP BY album_id;
"""
_DESCRIPTIONS = """
SELECT album_id, arg_min(description, place) AS description
FROM ranked_albums WHERE trim(description) <> '' GROUP BY album_id
"""
# Critics before users, and of each the texts that say most.
_REVIEWS = f"""
SELECT album_id, place, text
FROM (
    SELECT album_id, text, row_number() OVER (
        PARTITION BY album_id ORDER BY is_critic DESC NULLS LAST, length(text) DESC, review_id
    ) AS place
    FROM (
        SELECT album_id, text, is_critic, review_id
        FROM reviews r JOIN album_names n ON n.artist = r.artist AND n.album = r.title
        QUALIFY row_number() OVER (PARTITION BY album_id, text ORDER BY review_id) = 1
    )
)
WHERE place <= {SNIPPETS_PER_ALBUM}
"""  # noqa: S608  a number of the code's own


def gather_albums(engine: duckdb.DuckDBPyConnection) -> None:
    """Make ``album_facts``, ``album_genres``, ``album_texts`` and ``album_snippets``, by ``album_id``.

    Also ``genre_words``: how a genre or a tag is spelled, and what genre that may be.

    Args:
        engine: A database with the latest rows of ``albums``, ``reviews`` and ``catalogue``, and ``tags``.
    """
    insert(engine, "genre_words", _WORDS.empty_table())
    for batch in batches_of(engine, _RAW_GENRES):
        insert(engine, "genre_words", read_genres(batch.column(0).to_pylist()))
    name_albums(
        engine, "SELECT artist, title FROM albums UNION SELECT artist, title FROM reviews", "album_names"
    )
    engine.execute(_FACTS)
    insert(engine, "album_texts", _TEXTS.empty_table())
    for batch in batches_of(engine, _DESCRIPTIONS):
        insert(engine, "album_texts", _cut(batch, _TEXTS, LONGEST_DESCRIPTION))
    insert(engine, "snippets", _SNIPPETS.empty_table())
    for batch in batches_of(engine, _REVIEWS):
        insert(engine, "snippets", _cut(batch, _SNIPPETS, LONGEST_SNIPPET))
    engine.execute(
        "CREATE TABLE album_snippets AS SELECT album_id, list(snippet ORDER BY place) AS snippets "
        "FROM snippets WHERE snippet <> '' GROUP BY album_id"
    )


def read_genres(spellings: Iterable[str]) -> pa.Table:
    """Read spellings as genres.

    Returns:
        ``raw``, ``genre`` and ``is_known`` for each that says something. Whoever gives an album or a track
        a genre means one, known or not; among tags, only those that are known are genres.
    """
    read = [(spelling, normalise_tag(spelling)) for spelling in spellings]
    rows = [{"raw": raw, "genre": tag, "is_known": is_genre(tag)} for raw, tag in read if tag is not None]
    return pa.Table.from_pylist(rows, schema=_WORDS)


def _cut(batch: pa.RecordBatch, schema: pa.Schema, longest: int) -> pa.Table:
    *others, texts = batch.columns
    cut = pa.array([cut_text(text, longest) for text in texts.to_pylist()], pa.string())
    return pa.table([*others, cut], schema=schema)
