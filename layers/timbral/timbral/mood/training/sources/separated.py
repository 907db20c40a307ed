"""The Million Song Dataset's text files: ``unique_tracks.txt`` and ``tracks_per_year.txt``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from timbral.mood.training.sources.facts import FileFacts, TrackFacts
from timbral.raw.files.blocks import blocks, decode_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from timbral.raw.files.sources import Source

SEPARATOR: Final = "<SEP>"
_TRACK = re.compile(r"TR[A-Z]{5}[0-9A-F]{11}")
_SONG = re.compile(r"SO[A-Z]{5}[0-9A-F]{11}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_FIELDS_COUNT = 4


def lines_of(source: Source) -> Iterator[str]:
    """Yield a file's lines without their ends."""
    stream = source.open()
    try:
        for block in blocks(stream):
            for line in block.data.split(b"\n"):
                if line.strip():
                    yield decode_line(line).rstrip("\r")
    finally:
        stream.close()


def is_separated(first_line: str) -> bool:
    """Say whether a file is one of the two, by its first line."""
    fields = first_line.split(SEPARATOR)
    return len(fields) == _FIELDS_COUNT and any(_TRACK.fullmatch(field) for field in fields[:2])


def read_separated(source: Source, wanted: Collection[str]) -> FileFacts:
    """Read names, and years where the file has them, of some tracks.

    Args:
        source: Lines of ``track<SEP>song<SEP>artist<SEP>title`` or ``year<SEP>track<SEP>artist<SEP>title``.
        wanted: Keys of the tracks.
    """
    found = FileFacts("MSD tracks as text")
    for line in lines_of(source):
        found.rows_count += 1
        fields = [field.strip() for field in line.split(SEPARATOR)]
        if len(fields) != _FIELDS_COUNT:
            found.bad[f"has not {_FIELDS_COUNT} fields"] += 1
            continue
        if _TRACK.fullmatch(fields[0]) and _SONG.fullmatch(fields[1]):
            track, year = fields[0], None
        elif _YEAR.fullmatch(fields[0]) and _TRACK.fullmatch(fields[1]):
            track, year = fields[1], int(fields[0])
        else:
            found.bad["begins with neither track and song nor year and track"] += 1
            continue
        if not fields[2]:
            found.bad["artist is empty"] += 1
        elif f"msd:{track}" in wanted:
            found.tracks.append(TrackFacts(f"msd:{track}", artist=fields[2], title=fields[3], year=year))
    return found
