"""Made-up scrobbles, as various in spelling as real ones: few are played often, most hardly ever."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from timbral.tables.raw import USER_SCROBBLES_RAW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timbral.store.tables import Tables

SPELLINGS_PER_TRACK = 3
TRACKS_PER_ARTIST = 12
PART_ROWS = 250_000
_FIRST_UTS = 1_300_000_000
_SYLLABLES = "ka ri mo ta le no shi ber dan flo gu hol ix jam ky lun mar nev or pel qua ros sol tur ul ven"
_FOREIGN_EVERY = 12
_CYRILLIC = str.maketrans("abdefghijklmnopqrstuvxyz", "абдефгхийклмнопкрстувкиз")
_ARTISTS = ("{}", "{}", "The {}", "{} & The {}", "{}, {}", "{} feat. {}", "DJ {}")
_ADDED = (
    " - Remastered 2011",
    " (Live at {})",
    " (feat. {})",
    ", Pt. II",
    " [Explicit]",
    " - Radio Edit",
    " ({} Remix)",
)


@dataclass(frozen=True)
class Plays:
    """Plays as columns of row numbers: which spelling, whose, when."""

    spelling: np.ndarray
    listener: np.ndarray
    at_uts: np.ndarray

    def __len__(self) -> int:
        return len(self.spelling)

    def shuffled(self, seed: int) -> Plays:
        """Return the same plays in another order."""
        order = np.random.default_rng(seed).permutation(len(self))
        return Plays(self.spelling[order], self.listener[order], self.at_uts[order])

    def slice(self, start: int, stop: int) -> Plays:
        """Return some of the plays."""
        return Plays(self.spelling[start:stop], self.listener[start:stop], self.at_uts[start:stop])


def _names(rng: np.random.Generator, count: int) -> list[str]:
    syllables = _SYLLABLES.split()
    drawn = rng.integers(0, len(syllables), (count, 4))
    long = rng.integers(0, 2, count)
    return [
        "".join(syllables[at] for at in row[: 3 + more]).title()
        for row, more in zip(drawn.tolist(), long.tolist(), strict=True)
    ]


def spellings_of(tracks_count: int, seed: int = 0) -> dict[str, pa.Array]:
    """Make artist, title, album and MusicBrainz id of each spelling of each track.

    Args:
        tracks_count: Tracks; each has ``SPELLINGS_PER_TRACK`` spellings, the first the plain one.
        seed: Of the names.
    """
    rng = np.random.default_rng(seed)
    names = _names(rng, max(1, tracks_count // TRACKS_PER_ARTIST) * 2)
    words = _names(rng, tracks_count)
    artist, track, album, mbid = [], [], [], []
    for number in range(tracks_count):
        own = number // TRACKS_PER_ARTIST % (len(names) // 2)
        lead, guest = names[2 * own], names[2 * own + 1]
        title = f"{words[number]} {words[number * 7 % tracks_count]}"
        for way in range(SPELLINGS_PER_TRACK):
            credit = _ARTISTS[(own + (way == SPELLINGS_PER_TRACK - 1)) % len(_ARTISTS)].format(lead, guest)
            spelled = title + (_ADDED[(number + way) % len(_ADDED)].format(guest) if way else "")
            if own % _FOREIGN_EVERY == 0 and number % 4:  # every fourth track only romanised
                credit, spelled = _in_cyrillic(credit, spelled, way)
            artist.append(credit)
            track.append(spelled.upper() if way and number % 5 == 0 else spelled)
            album.append(None if number % 4 == way else f"{words[number // 10]} Album")
            mbid.append(str(uuid.UUID(int=number + 1)) if number % 3 == 0 else None)
    columns = {"artist": artist, "track": track, "album": album, "track_mbid": mbid}
    return {name: pa.array(values, pa.string()) for name, values in columns.items()}


def _in_cyrillic(credit: str, spelled: str, way: int) -> tuple[str, str]:
    """Write a plain spelling in Cyrillic; the others stay as they are, as services write them."""
    if way:
        return credit, spelled
    return credit.lower().translate(_CYRILLIC), spelled.lower().translate(_CYRILLIC)


def draw_plays(rows_count: int, spellings_count: int, seed: int = 1) -> Plays:
    """Draw plays whose spellings follow Zipf's law.

    Args:
        rows_count: Plays, each with a time of its own.
        spellings_count: Spellings to draw from.
        seed: Of the draw.
    """
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(10, spellings_count + 10, dtype=np.float64) ** 0.9
    ranks = np.searchsorted(np.cumsum(weights / weights.sum()), rng.random(rows_count)).astype(np.int64)
    spelling = rng.permutation(spellings_count)[np.minimum(ranks, spellings_count - 1)]
    listener = rng.integers(0, max(1, rows_count // 5_000), rows_count)
    return Plays(spelling, listener, _FIRST_UTS + rng.permutation(rows_count) * 20)


def write_plays(tables: Tables, spellings: dict[str, pa.Array], plays: Plays, name: str) -> None:
    """Write plays as parts of the raw table."""
    for number, rows in enumerate(_rows(spellings, plays)):
        tables.append(USER_SCROBBLES_RAW, rows, f"{name}-{number:05d}")


def _rows(spellings: dict[str, pa.Array], plays: Plays) -> Iterator[pa.Table]:
    for start in range(0, len(plays), PART_ROWS):
        some = plays.slice(start, start + PART_ROWS)
        chosen = pa.array(some.spelling)
        own = [f"listener{number:06d}" for number in some.listener.tolist()]
        yield pa.table(
            {
                "listener_id": pa.array(own, pa.string()),
                "scrobbled_at_uts": pa.array(some.at_uts),
                **{column: values.take(chosen) for column, values in spellings.items()},
                "source": pa.repeat("lastfm", len(some)),
                "observed_at_uts": pa.repeat(_FIRST_UTS, len(some)),
            }
        )
