"""Last.fm-1K: ``userid, time, artist mbid, artist, track mbid, track``, tab-separated, without a header."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from timbral.raw.files.records import read_records
from timbral.raw.formats.format import SURE, Alone, Reading, layout_of, of_records
from timbral.raw.listens import Ground, read_plays_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from timbral.raw.chunk import Chunk
    from timbral.raw.files.head import Head

_NAMES = ("listener_id", "utc_time", "artist_mbid", "artist", "track_mbid", "track")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:?\d\d)?")
_MBID_OR_NONE = re.compile(r"(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?")
_AGREEING_SHARE = 0.8


class LastfmOneK(Alone):
    """O. Celma's listening histories of nearly 1,000 people, and files laid out like them."""

    name = "Last.fm-1K"
    source = "lastfm-1k"

    def sniff(self, head: Head) -> float | None:
        """Judge by six tab-separated fields of the right kinds."""
        if head.kind != "table" or head.columns or layout_of(head).delimiter != "\t" or not head.sample:
            return None
        return SURE if sum(map(_fits, head.sample)) >= _AGREEING_SHARE * len(head.sample) else None

    def lacks(self, head: Head) -> Sequence[str]:
        """Name all six: without a header there is no column to go by."""
        del head
        return _NAMES

    def read(self, head: Head, reading: Reading) -> Iterator[Chunk]:
        """Read plays; quotes are letters like others here."""
        layout = replace(layout_of(head), is_quoted=False)
        wanted = {name: at for at, name in enumerate(_NAMES)}
        ground = Ground(self.source, None, reading.now_uts)
        for records in read_records(reading.open(head), layout, wanted):
            yield from read_plays_of(of_records(records), ground)


def _fits(row: Sequence[str]) -> bool:
    return (
        len(row) == len(_NAMES)
        and _TIME.fullmatch(row[1]) is not None
        and _MBID_OR_NONE.fullmatch(row[2]) is not None
        and _MBID_OR_NONE.fullmatch(row[4]) is not None
    )
