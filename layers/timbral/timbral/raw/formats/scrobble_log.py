"""Scrobble logs and play counts in delimited text or Parquet, with names in a header or without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from timbral.raw.files.records import read_records
from timbral.raw.formats.format import (
    LIKELY,
    POSSIBLE,
    SURE,
    Alone,
    Cells,
    CellsOrigin,
    Reading,
    layout_of,
    of_records,
)
from timbral.raw.formats.headerless import inferred_positions
from timbral.raw.formats.names import AUDIO_NAMES, LISTEN_NAMES, MOOD_NAMES, positions
from timbral.raw.listens import Ground, read_plays_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from timbral.raw.chunk import Chunk
    from timbral.raw.files.head import Head

_TIMES = ("uts", "utc_time", "date")
_FOREIGN = (set(AUDIO_NAMES) | set(MOOD_NAMES)) - set(LISTEN_NAMES) - {"genres", "year", "duration_ms"}
_PARQUET_ROWS = 50_000


class ScrobbleLog(Alone):
    """Exports of Last.fm in their dialects, and plain tables of listener, artist and track."""

    name = "scrobble log (CSV or TSV)"
    source = "lastfm-csv"

    def sniff(self, head: Head) -> float | None:
        """Judge by the header, and where there is none by the values."""
        if head.kind != "table":
            return None
        if not head.columns:
            return POSSIBLE if inferred_positions(head.sample) else None
        return _confidence(head)

    def lacks(self, head: Head) -> Sequence[str]:
        """Name what is missing of artist, track and something that makes it history."""
        found = positions(head.columns, LISTEN_NAMES)
        lacking = [name for name in ("artist", "track") if name not in found]
        if not any(name in found for name in (*_TIMES, "plays_count", "listener_id")):
            lacking.append("uts or utc_time or plays_count")
        return lacking

    def listener(self, head: Head, given: str | None) -> str | None:
        """Name the one given, else the file itself if it has no column for it."""
        return _listener(head, given)

    def read(self, head: Head, reading: Reading) -> Iterator[Chunk]:
        """Read plays."""
        found = positions(head.columns, LISTEN_NAMES) if head.columns else inferred_positions(head.sample)
        ground = _ground(found, head, reading)
        for records in read_records(reading.open(head), layout_of(head), found):
            yield from read_plays_of(of_records(records), ground)


class ScrobbleParquet(Alone):
    """The same columns in Parquet."""

    name = "scrobble log (Parquet)"
    source = "plain"

    def sniff(self, head: Head) -> float | None:
        """Judge by the column names."""
        return _confidence(head) if head.kind == "parquet" else None

    def lacks(self, head: Head) -> Sequence[str]:
        """Name what is missing, as for text."""
        return ScrobbleLog().lacks(head)

    def listener(self, head: Head, given: str | None) -> str | None:
        """Name the one given, else the file itself if it has no column for it."""
        return _listener(head, given)

    def read(self, head: Head, reading: Reading) -> Iterator[Chunk]:
        """Read plays, a batch of rows at a time."""
        found = positions(head.columns, LISTEN_NAMES)
        ground = _ground(found, head, reading)
        names = {ours: head.spelled[at] for ours, at in found.items()}
        first = 1
        file = pq.ParquetFile(head.source.path)
        for batch in file.iter_batches(_PARQUET_ROWS, columns=list(names.values()), use_threads=False):
            cells = pa.table({ours: _as_text(batch.column(theirs)) for ours, theirs in names.items()})
            numbers = range(first, first + batch.num_rows)
            yield from read_plays_of(Cells(cells, CellsOrigin(cells, numbers), [], {}), ground)
            first += batch.num_rows


def _confidence(head: Head) -> float | None:
    found = positions(head.columns, LISTEN_NAMES)
    foreign = sum(name in _FOREIGN for name in head.columns)
    if "artist" not in found or "track" not in found or foreign > 1 or "tag" in head.columns:
        return None
    if any(name in found for name in ("uts", "utc_time")):
        return SURE
    if any(name in found for name in ("date", "plays_count", "listener_id")):
        return LIKELY
    is_bare = {head.columns[at] for at in found.values()} == set(head.columns)
    return POSSIBLE if is_bare else None


def _listener(head: Head, given: str | None) -> str | None:
    has_column = "listener_id" in positions(head.columns, LISTEN_NAMES)
    return given or (None if has_column else head.source.stem)


def _ground(found: dict[str, int], head: Head, reading: Reading) -> Ground:
    is_plain = "listener_id" in found or "plays_count" in found or head.kind == "parquet"
    return Ground("plain" if is_plain else "lastfm-csv", reading.listener, reading.now_uts)


def _as_text(values: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(values.type):
        values = pc.cast(pc.cast(values, pa.timestamp("s"), safe=False), pa.int64())
    elif pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    return pc.fill_null(pc.cast(values, pa.string()), "")
