"""HetRec 2011 Last.fm 2K: play counts of artists and their tags, in a folder of four tables."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from timbral.errors import InvalidInput
from timbral.raw.cells import integers
from timbral.raw.chunk import Chunk
from timbral.raw.files.records import Records, read_records
from timbral.raw.formats.format import SURE, Nobodys, Reading, RecordsOrigin, layout_of
from timbral.tables.check import Fault
from timbral.tables.raw import TAG_VOTES_RAW, USER_ARTISTS_RAW

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from timbral.raw.files.head import Head
    from timbral.tables.declaration import Table

_PLAYS = ("user_id", "artist_id", "weight")
_ARTISTS = ("id", "name", "url", "picture_url")
_TAGS = ("tag_id", "tag_value")
_TAGGED = ("user_id", "artist_id", "tag_id")


class HetRec(Nobodys):
    """The folder as published; ``user_artists.dat`` stands for it, the others go with it."""

    name = "HetRec 2011 Last.fm 2K"
    has_companions = True
    source = "hetrec2011"

    def sniff(self, head: Head) -> float | None:
        """Judge by the header of the table of plays."""
        return SURE if head.columns == _PLAYS else None

    def lacks(self, head: Head) -> Sequence[str]:
        """Name what the table of plays has and this one hasn't."""
        return [name for name in _PLAYS if name not in head.columns]

    def companions(self, head: Head, others: Sequence[Head]) -> Sequence[Head]:
        """Pick the tables of artists, tags and tag assignments."""
        del head
        tables = (_ARTISTS, _TAGS)
        return [other for other in others if other.columns in tables or other.columns[:3] == _TAGGED]

    def read(self, head: Head, reading: Reading) -> Iterator[Chunk]:
        """Read the counts of plays, then count who gave an artist which tag.

        Raises:
            InvalidInput: The table of artists is missing.
        """
        by_columns = {other.columns[:3]: other for other in reading.companions}
        artists = by_columns.get(_ARTISTS[:3])
        if artists is None:
            raise InvalidInput(
                f"{head.source.name} has play counts of artists by number; the artists' table"
                f" (columns {', '.join(_ARTISTS)}) must lie beside it",
                "path",
            )
        names = _lookup(artists, reading)
        yield from self._plays(head, reading, names)
        tags, tagged = by_columns.get(_TAGS), by_columns.get(_TAGGED)
        if tags is not None and tagged is not None:
            yield from self._votes(tagged, reading, names, _lookup(tags, reading))

    def _plays(self, head: Head, reading: Reading, names: dict[str, str]) -> Iterator[Chunk]:
        for records in _records(head, reading, _PLAYS):
            columns = records.columns
            artists, faults = _named(columns.column("artist_id"), names, "artist")
            plays, wrong = integers(columns.column("weight").combine_chunks(), "plays_count")
            rows = pa.table(
                {
                    "listener_id": columns.column("user_id"),
                    "source_artist_id": columns.column("artist_id"),
                    "artist": artists,
                    "plays_count": plays,
                    **_stamp(self.source, columns.num_rows),
                }
            )
            yield _chunk(records, (USER_ARTISTS_RAW, rows), faults + wrong, pa.repeat("", rows.num_rows))

    def _votes(
        self, head: Head, reading: Reading, names: dict[str, str], tags: dict[str, str]
    ) -> Iterator[Chunk]:
        for records in _records(head, reading, _TAGGED):
            columns = records.columns
            artists, no_artist = _named(columns.column("artist_id"), names, "artist")
            words, no_tag = _named(columns.column("tag_id"), tags, "tag")
            rows = pa.table(
                {
                    "artist": artists,
                    "tag": words,
                    "votes_count": pa.repeat(pa.scalar(1, pa.int64()), columns.num_rows),
                    **_stamp(self.source, columns.num_rows),
                }
            )
            voters = columns.column("user_id").combine_chunks()
            yield _chunk(records, (TAG_VOTES_RAW, rows), no_artist + no_tag, voters)


def _records(head: Head, reading: Reading, wanted: Sequence[str]) -> Iterator[Records]:
    layout = replace(layout_of(head), is_quoted=False)
    return read_records(reading.open(head), layout, {name: head.columns.index(name) for name in wanted})


def _lookup(head: Head, reading: Reading) -> dict[str, str]:
    key, value = head.columns[:2]
    found: dict[str, str] = {}
    for records in _records(head, reading, (key, value)):
        ids, names = (records.columns.column(name).to_pylist() for name in (key, value))
        found.update(zip(ids, names, strict=True))
    return found


def _named(ids: pa.ChunkedArray, names: dict[str, str], column: str) -> tuple[pa.Array, list[Fault]]:
    found = pa.array([names.get(one) for one in ids.to_pylist()], pa.string())
    unknown = np.asarray(pc.is_null(found).to_numpy(zero_copy_only=False))
    reason = f"has an id that the table of {column}s lacks"
    return found, [Fault(column, reason, unknown)] if unknown.any() else []


def _stamp(source: str, rows_count: int) -> dict[str, pa.Array]:
    return {
        "source": pa.repeat(source, rows_count),
        "observed_at_uts": pa.repeat(pa.scalar(0, pa.int64()), rows_count),
    }


def _chunk(records: Records, output: tuple[Table, pa.Table], faults: list[Fault], voters: pa.Array) -> Chunk:
    return Chunk(
        [output],
        np.arange(len(voters)),
        RecordsOrigin(records),
        faults,
        records.faults,
        is_tallied=True,
        voters=voters,
        repairs=Counter(records.repairs),
    )
