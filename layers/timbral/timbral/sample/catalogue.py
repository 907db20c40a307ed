"""The sample catalogue: real, well-known tracks with facts and moods, judged by ear and written by hand."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from timbral.errors import ContractBroken
from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from collections.abc import Iterable

COLUMNS = (
    "artist",
    "title",
    "album",
    "year",
    "family",
    "genres",
    "tags",
    "moods",
    "energy",
    "valence",
    "album_description",
)
_SEPARATOR = ";"
_EARLIEST_YEAR, _LATEST_YEAR = 1700, 2030
_ALLOWED_COUNTS = {"genres": (1, 3), "tags": (3, 8), "moods": (1, len(MOODS))}


@dataclass(frozen=True, slots=True)
class CatalogueTrack:
    """A real track and what a listener would say of it.

    Attributes:
        artist: The name in its own script.
        title: The title as its release spells it, guests and "live" included.
        album: The release it is best known from.
        year: Year of that release; for composers, of the work's publication.
        family: The genre family that it is filed under, one of about two dozen.
        genres: One to three, the main one first.
        tags: Three to eight words or phrases, as listeners write them.
        moods: A subset of `timbral.tables.columns.MOODS`.
        energy: 0 (still) to 1 (furious).
        valence: 0 (despair) to 1 (delight).
        album_description: One sentence about the album.
    """

    artist: str
    title: str
    album: str
    year: int
    family: str
    genres: tuple[str, ...]
    tags: tuple[str, ...]
    moods: tuple[str, ...]
    energy: float
    valence: float
    album_description: str

    @property
    def key(self) -> tuple[str, str]:
        """Artist and title, which name a track within the catalogue."""
        return (self.artist, self.title)


def load_catalogue() -> list[CatalogueTrack]:
    """Read the catalogue that ships with the package.

    Returns:
        Every track, in the file's order.

    Raises:
        ContractBroken: A row is not what `parse_catalogue` asks for.
    """
    text = files(__package__).joinpath("catalogue.csv").read_text(encoding="utf-8")
    return parse_catalogue(text.splitlines())


def parse_catalogue(lines: Iterable[str]) -> list[CatalogueTrack]:
    """Read and check catalogue lines.

    Args:
        lines: CSV with a header of `COLUMNS`; lists within a cell are joined by semicolons.

    Returns:
        One track per row.

    Raises:
        ContractBroken: A column is missing, a value is outside what is allowed, or a track comes twice.
    """
    reader = csv.DictReader(lines, strict=True)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise ContractBroken(
            f"the catalogue's columns are {reader.fieldnames}, but must be {', '.join(COLUMNS)}"
        )
    tracks = [_track(row, reader.line_num) for row in reader]
    seen: set[tuple[str, str]] = set()
    for track in tracks:
        if track.key in seen:
            raise ContractBroken(f"the catalogue has {track.title!r} by {track.artist!r} twice")
        seen.add(track.key)
    return tracks


def _track(row: dict[str, str], line: int) -> CatalogueTrack:
    empty = [name for name in COLUMNS if not (row[name] or "").strip()]
    if empty or None in row:
        raise ContractBroken(
            f"line {line} of the catalogue must fill its {len(COLUMNS)} columns, empty: {empty}"
        )
    genres, tags, moods = (_several(row, name, line) for name in _ALLOWED_COUNTS)
    if strange := set(moods) - set(MOODS):
        raise ContractBroken(
            f"line {line} of the catalogue has moods {sorted(strange)}; allowed are {', '.join(MOODS)}"
        )
    return CatalogueTrack(
        artist=row["artist"],
        title=row["title"],
        album=row["album"],
        year=int(_number(row, "year", line, _EARLIEST_YEAR, _LATEST_YEAR)),
        family=row["family"],
        genres=genres,
        tags=tags,
        moods=moods,
        energy=_number(row, "energy", line, 0, 1),
        valence=_number(row, "valence", line, 0, 1),
        album_description=row["album_description"],
    )


def _several(row: dict[str, str], name: str, line: int) -> tuple[str, ...]:
    values = tuple(row[name].split(_SEPARATOR))
    fewest, most = _ALLOWED_COUNTS[name]
    if not fewest <= len(values) <= most or len(set(values)) < len(values) or not all(values):
        raise ContractBroken(
            f"line {line} of the catalogue has {name} {row[name]!r}, but must have {fewest} to {most}"
        )
    return values


def _number(row: dict[str, str], name: str, line: int, lowest: float, highest: float) -> float:
    try:
        value = float(row[name])
    except ValueError:
        value = float("nan")
    if not lowest <= value <= highest:
        raise ContractBroken(
            f"line {line} of the catalogue has {name} {row[name]!r}, but must have {lowest} to {highest}"
        )
    return value
