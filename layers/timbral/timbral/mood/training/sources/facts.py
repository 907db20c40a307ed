"""What files say of tracks and artists, before it is put together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from timbral.tags.normalise import normalise_tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from timbral.mood.training.examples import Origin
    from timbral.mood.training.listening import Plays

Part = Literal["train", "validation", "test", ""]
_CACHED_TAGS = 1 << 18


@dataclass(frozen=True, slots=True)
class TrackFacts:
    """What one file says of one track.

    Attributes:
        key: The track by the file's own id, with a name for its kind: ``msd:TRAAAAW128F429D538``.
        artist: The artist's name, or id where there are no names; empty if the file doesn't say.
        title: Empty if the file doesn't say, and for an artist's means.
        release: Title of the album or single; empty if the file doesn't say.
        year: Year of release, or one of the right decade.
        duration_ms: Length.
        genres: In lower case.
        tags: ``(tag, weight)``, normalised, each once.
        popularity: 1 to 20 as `timbral.mood.inputs.popularity_of` counts, 0 if unknown.
        labels: ``{target: label}``.
        origin: Who labelled it, if anybody did.
        audio: Values of `AUDIO_INPUTS`, None where unknown; empty if the file has none.
        part: Of a published division, empty if there is none.
    """

    key: str
    artist: str = ""
    title: str = ""
    release: str = ""
    year: int | None = None
    duration_ms: int | None = None
    genres: tuple[str, ...] = ()
    tags: tuple[tuple[str, float], ...] = ()
    popularity: int = 0
    labels: Mapping[str, float] = field(default_factory=dict)
    origin: Origin | None = None
    audio: tuple[float | None, ...] = ()
    part: Part = ""


@dataclass(frozen=True, slots=True)
class AlbumFacts:
    """What one file says of one album.

    Attributes:
        artist: The artist's name.
        title: The album's title.
        genres: In lower case, the main one first.
        scores: Values of `timbral.mood.inputs.ALBUM_SCORES`, None where unknown; empty if all are.
    """

    artist: str
    title: str
    genres: tuple[str, ...]
    scores: tuple[float | None, ...]


@dataclass
class FileFacts:
    """What a file says.

    Attributes:
        kind: What people call its layout.
        tracks: Tracks.
        artist_tags: ``{artist: {tag: weight}}``.
        albums: Albums.
        plays: Who played which artist how often, if it says so.
        bad: Rows that were set aside, by reason.
        rows_count: Rows that were read, bad ones too.
    """

    kind: str
    tracks: list[TrackFacts] = field(default_factory=list)
    artist_tags: dict[str, dict[str, float]] = field(default_factory=dict)
    albums: list[AlbumFacts] = field(default_factory=list)
    plays: Plays | None = None
    bad: Counter[str] = field(default_factory=Counter)
    rows_count: int = 0


@lru_cache(_CACHED_TAGS)
def tag_of(raw: str) -> str | None:
    """Normalise a tag, remembering it: files repeat them."""
    return normalise_tag(raw)


def heaviest(weighted: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Normalise tags; of spellings that come together the heaviest counts."""
    weights: dict[str, float] = {}
    for raw, weight in weighted:
        if (tag := tag_of(raw)) and weight > 0:
            weights[tag] = max(weights.get(tag, 0.0), weight)
    return tuple(weights.items())


def part_of(name: str) -> Part:
    """Read which part of a published division a file is, by its name."""
    parts: tuple[Part, ...] = ("train", "validation", "test")
    found = [part for part in parts if part in name.rsplit("/", 1)[-1].lower()]
    return found[0] if len(found) == 1 else ""
