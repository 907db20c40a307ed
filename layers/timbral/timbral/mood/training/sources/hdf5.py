"""The Million Song Dataset's HDF5 files: ``msd_summary_file.h5``, aggregates of it, files of single songs."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from timbral.errors import InvalidInput
from timbral.mood.training.sources.facts import FileFacts
from timbral.mood.training.sources.songs import read_song

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

MAGIC: Final = b"\x89HDF\r\n\x1a\n"
KIND: Final = "MSD summary as HDF5"
_TABLES: Final = {
    "analysis": ("track_id", "duration"),
    "metadata": ("artist_name", "title", "release", "artist_familiarity"),
    "musicbrainz": ("year",),
}
_ROWS_AT_ONCE = 10_000
"""A row of the metadata takes 5 kB, a million of them more than fits into memory."""


def is_million_song(path: Path) -> bool:
    """Say whether an HDF5 file has the Million Song Dataset's three tables of songs.

    Raises:
        InvalidInput: It can't be read.
    """
    with _opened(path) as file:
        return all(f"{group}/songs" in file for group in _TABLES)


def read_summary(path: Path, wanted: Collection[str]) -> FileFacts:
    """Read names, release, length, year and familiarity of some tracks.

    Args:
        path: A file of `is_million_song`.
        wanted: Keys of the tracks; of a million rows few are ever needed.

    Raises:
        InvalidInput: A table lacks a column, or the tables differ in length.
    """
    found = FileFacts(KIND)

    with _opened(path) as file:
        for row in _rows(file, path, frozenset(wanted), found):
            read_song(found, row)
    return found


def _rows(file: Any, path: Path, wanted: frozenset[str], found: FileFacts) -> Iterator[dict[str, Any]]:
    songs = {group: file[f"{group}/songs"] for group in _TABLES}
    _check(songs, path)
    found.rows_count = len(songs["analysis"])
    for start in range(0, found.rows_count, _ROWS_AT_ONCE):
        block = slice(start, start + _ROWS_AT_ONCE)
        ids = songs["analysis"].fields("track_id")[block].astype("S32")
        chosen = np.array([f"msd:{own.decode(errors='replace')}" in wanted for own in ids])
        if not chosen.any():
            continue
        parts = [songs[group].fields(list(names))[block][chosen] for group, names in _TABLES.items()]
        for values in zip(*parts, strict=True):
            row = {name: part[name] for part in values for name in part.dtype.names}
            yield {name: _plain(value) for name, value in row.items()}


def _check(songs: dict[str, Any], path: Path) -> None:
    for group, names in _TABLES.items():
        lacking = [name for name in names if name not in (songs[group].dtype.names or ())]
        if lacking:
            msg = f"{path} lacks {', '.join(lacking)} in its table '{group}/songs'"
            raise InvalidInput(msg, "path")
    lengths = {f"{group}/songs": len(table) for group, table in songs.items()}
    if len(set(lengths.values())) > 1:
        msg = f"{path} has tables of songs of different length: {lengths}; a row each is needed"
        raise InvalidInput(msg, "path")


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    number = value.item()
    return None if isinstance(number, float) and math.isnan(number) else number


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a file, and say what can't be read while it is open."""
    import h5py  # noqa: PLC0415  only training reads such files

    try:
        with h5py.File(path, "r") as file:
            yield file
    except OSError as error:
        msg = f"{path} can't be read as HDF5: {error}"
        raise InvalidInput(msg, "path") from error
