"""Tables about tracks: tags, judged moods, and Spotify's catalogue with its audio features."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from timbral.raw.cells import integers, numbers_of, optional_text
from timbral.raw.chunk import Chunk
from timbral.raw.formats.catalogue import BETWEEN_ITEMS, Catalogue
from timbral.raw.formats.names import AUDIO_NAMES, MOOD_NAMES, TAG_NAMES
from timbral.tables.columns import AUDIO_FEATURES, MOODS
from timbral.tables.raw import AUDIO_FEATURES_SPOTIFY, MOOD_LABELS_RAW, TAG_VOTES_RAW, TRACKS_SPOTIFY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.raw.files.head import Head
    from timbral.raw.formats.format import Cells
    from timbral.tables.check import Fault
    from timbral.tables.declaration import Table

_SPOTIFY_ID = re.compile(r"(?:spotify:track:|https?://open\.spotify\.com/track/)?([0-9A-Za-z]{22})(?:\?.*)?")
_AGREEING_SHARE = 0.8
_FEATURE_NAMES = tuple(column.name for column in AUDIO_FEATURES)
_TIMES = frozenset(("uts", "utc_time", "timestamp", "listened_at", "played_at", "ts", "end_time"))
_YEAR = re.compile(r"[12]\d{3}")
_ITEMS = re.compile(rf"[,;|{BETWEEN_ITEMS}]")
_QUOTED_ITEM = re.compile(r"""\[\s*(?:'([^']+)'|"([^"]+)")""")


def stamp(source: str, rows_count: int, observed_at_uts: pa.Array | None = None) -> dict[str, pa.Array]:
    """Return the columns that say where rows came from, and since when; most files don't say when."""
    unknown = pa.repeat(pa.scalar(0, pa.int64()), rows_count)
    return {
        "source": pa.repeat(source, rows_count),
        "observed_at_uts": unknown if observed_at_uts is None else pc.fill_null(observed_at_uts, 0),
    }


def column_of(cells: Cells, name: str) -> pa.Array:
    """Return a column of text, null throughout where the file has none."""
    if name in cells.columns.column_names:
        return cells.columns.column(name).combine_chunks()
    return pa.nulls(cells.columns.num_rows, pa.string())


def items_of(cells: pa.Array) -> pa.Array:
    """Split cells into lists, at commas, semicolons and bars; null where there is nothing."""
    lists = [
        [item.strip() for item in _ITEMS.split(cell or "") if item.strip()] or None
        for cell in cells.to_pylist()
    ]
    return pa.array(lists, pa.list_(pa.string()))


def list_of(cells: pa.Array) -> pa.Array:
    """Read cells that were lists: what stands in an item, commas too, is its own."""
    lists = [
        [item.strip() for item in (cell or "").split(BETWEEN_ITEMS) if item.strip()] or None
        for cell in cells.to_pylist()
    ]
    return pa.array(lists, pa.list_(pa.string()))


def chunk_of(cells: Cells, outputs: Sequence[tuple[Table, pa.Table]], faults: list[Fault]) -> Chunk:
    """Return rows of a block, with what the block had besides."""
    return Chunk(
        outputs,
        np.arange(cells.columns.num_rows),
        cells.origin,
        faults,
        cells.line_faults,
        repairs=Counter(cells.repairs),
    )


def _tags(cells: Cells, source: str) -> Chunk:
    rows_count = cells.columns.num_rows
    has_counts = "votes_count" in cells.columns.column_names
    votes, wrong = integers(column_of(cells, "votes_count"), "votes_count")
    rows = pa.table(
        {
            "artist": column_of(cells, "artist"),
            "track": optional_text(column_of(cells, "track")),
            "tag": column_of(cells, "tag"),
            "votes_count": votes if has_counts else pa.repeat(pa.scalar(1, pa.int64()), rows_count),
            **stamp(source, rows_count),
        }
    )
    chunk = chunk_of(cells, [(TAG_VOTES_RAW, rows)], wrong)
    chunk.is_tallied = not has_counts
    return chunk


def _moods(cells: Cells, source: str) -> Chunk:
    faults: list[Fault] = []
    rows = {"artist": column_of(cells, "artist"), "track": column_of(cells, "track")}
    for name in ("energy", "valence", *MOODS):
        rows[name], wrong = numbers_of(column_of(cells, name), name)
        faults += wrong
    rows |= stamp(source, cells.columns.num_rows)
    return chunk_of(cells, [(MOOD_LABELS_RAW, pa.table(rows))], faults)


def _audio(cells: Cells, source: str) -> Chunk:
    faults: list[Fault] = []
    ids = {
        "spotify_id": pa.array(
            [_spotify_id(cell) for cell in column_of(cells, "spotify_id").to_pylist()], pa.string()
        )
    }
    stamped = stamp(source, cells.columns.num_rows)
    numbers = {}
    for name in ("duration_ms", "popularity"):
        numbers[name], wrong = integers(column_of(cells, name), name)
        faults += wrong
    features = {}
    for name in _FEATURE_NAMES:
        features[name], wrong = numbers_of(column_of(cells, name), name)
        faults += wrong
    tracks = {
        "artist": pa.array(map(_first_artist, column_of(cells, "artist").to_pylist()), pa.string()),
        "track": column_of(cells, "track"),
        "album": optional_text(column_of(cells, "album")),
        "genres": items_of(column_of(cells, "genres")),
        "year": years_of(column_of(cells, "year")),
        "isrc": optional_text(column_of(cells, "isrc")),
    }
    outputs = [
        (TRACKS_SPOTIFY, pa.table(ids | tracks | numbers | stamped)),
        (AUDIO_FEATURES_SPOTIFY, pa.table(ids | features | stamped)),
    ]
    return chunk_of(cells, outputs, faults)


def _spotify_id(cell: str | None) -> str | None:
    match = _SPOTIFY_ID.fullmatch((cell or "").strip())
    return match[1] if match else None


def _first_artist(cell: str | None) -> str:
    """Take the first of several artists, which tables write as ``['One', 'Two']`` or ``One;Two``."""
    match = _QUOTED_ITEM.match(cell or "")
    return (match[1] or match[2]) if match else (cell or "").split(";")[0].split(BETWEEN_ITEMS)[0]


def years_of(cells: pa.Array) -> pa.Array:
    """Read the year that a cell begins with; 0 and the like are no years."""
    years = [_YEAR.match((cell or "").strip()) for cell in cells.to_pylist()]
    return pc.cast(pa.array([year[0] if year else None for year in years], pa.string()), pa.int64())


def _has_spotify_ids(head: Head, found: dict[str, int]) -> bool:
    if head.kind != "table":
        return True
    ids = [row[found["spotify_id"]] for row in head.sample]
    return sum(_spotify_id(one) is not None for one in ids) >= _AGREEING_SHARE * len(ids)


TAGS = Catalogue("tags of tracks or artists", "tags", TAG_NAMES, ("artist", "tag"), (), 0, _TIMES, _tags)
MOOD_LABELS = Catalogue(
    "mood labels",
    "moods",
    MOOD_NAMES,
    ("artist", "track"),
    MOODS,
    1,
    frozenset(("spotify_id", "uri")),
    _moods,
)
AUDIO = Catalogue(
    "Spotify tracks with audio features",
    "spotify-table",
    AUDIO_NAMES,
    ("spotify_id", "artist", "track"),
    _FEATURE_NAMES,
    3,
    frozenset(MOODS),
    _audio,
    test=_has_spotify_ids,
)
