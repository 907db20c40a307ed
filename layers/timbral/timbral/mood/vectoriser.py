"""From a track to numbers: tags by TF-IDF, genres, decade and popularity as flags, audio if allowed."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from timbral.errors import ContractBroken
from timbral.mood.inputs import FIRST_DECADE, LAST_DECADE, POPULARITY_STEPS
from timbral.mood.sparse import SparseRows, coarsen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from timbral.mood.inputs import MoodInput

_DECADES_COUNT = (LAST_DECADE - FIRST_DECADE) // 10 + 1
_AUDIO_SCALES = {"loudness": (-60.0, 60.0), "tempo": (0.0, 200.0)}  # offset and span; the others are shares
_BARELY_KNOWN = 1e-6  # stands for a feature that is zero, since zero means unknown


@dataclass(frozen=True)
class Evidence:
    """How much of a track a vectoriser knows.

    Attributes:
        known_tags_count: Tags that are in its vocabulary.
        known_share: Their share of all that the track is called, 0 to 1.
        unknown_tags_count: Tags that are not.
    """

    known_tags_count: int
    known_share: float
    unknown_tags_count: int


@dataclass(frozen=True)
class Vectoriser:
    """A vocabulary; plain data, kept as JSON beside the model.

    Attributes:
        tags: The tags that are told apart, in order of their columns.
        idf: ``log((1 + tracks) / (1 + tracks with the tag)) + 1`` of each.
        genres: The genres that are told apart.
        audio: The audio features that are looked at.
    """

    tags: tuple[str, ...]
    idf: tuple[float, ...]
    genres: tuple[str, ...]
    audio: tuple[str, ...] = ()

    @cached_property
    def _tag_columns(self) -> dict[str, int]:
        return {tag: column for column, tag in enumerate(self.tags)}

    @cached_property
    def _genre_columns(self) -> dict[str, int]:
        return {genre: len(self.tags) + place for place, genre in enumerate(self.genres)}

    @property
    def width(self) -> int:
        """Number of columns."""
        return self._audio_column + len(self.audio)

    @property
    def _decade_column(self) -> int:
        return len(self.tags) + len(self.genres)

    @property
    def _audio_column(self) -> int:
        return self._decade_column + _DECADES_COUNT + POPULARITY_STEPS

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, each with its kind in front."""
        return (
            *(f"tag:{tag}" for tag in self.tags),
            *(f"genre:{genre}" for genre in self.genres),
            *(f"decade:{FIRST_DECADE + 10 * place}" for place in range(_DECADES_COUNT)),
            *(f"popularity:{step}" for step in range(POPULARITY_STEPS)),
            *(f"audio:{name}" for name in self.audio),
        )

    def transform(self, tracks: Sequence[MoodInput]) -> SparseRows:
        """Turn tracks into rows of `width` columns; zero means unknown."""
        columns: list[int] = []
        values: list[float] = []
        starts = [0]
        for track in tracks:
            for column, value in self._row(track):
                columns.append(column)
                values.append(value)
            starts.append(len(columns))
        return SparseRows(
            np.array(starts, dtype=np.int64),
            np.array(columns, dtype=np.int64),
            coarsen(np.array(values, dtype=np.float32)),
            self.width,
        )

    def _row(self, track: MoodInput) -> Iterator[tuple[int, float]]:
        weighted = [
            (column, math.sqrt(share) * self.idf[column])
            for tag, share in track.tags
            if share > 0 and (column := self._tag_columns.get(tag)) is not None
        ]
        norm = math.sqrt(sum(weight * weight for _, weight in weighted))
        yield from ((column, weight / norm) for column, weight in sorted(weighted))
        yield from (
            (self._genre_columns[genre], 1.0) for genre in track.genres if genre in self._genre_columns
        )
        if track.decade is not None:
            yield self._decade_column + (track.decade - FIRST_DECADE) // 10, 1.0
        if track.popularity:
            yield self._decade_column + _DECADES_COUNT + track.popularity, 1.0
        if self.audio:
            for place, value in enumerate(track.audio):
                if value is not None:
                    offset, span = _AUDIO_SCALES.get(self.audio[place], (0.0, 1.0))
                    yield self._audio_column + place, (value - offset) / span or _BARELY_KNOWN

    def evidence(self, track: MoodInput) -> Evidence:
        """Say how much of a track is known."""
        known = [share for tag, share in track.tags if tag in self._tag_columns]
        return Evidence(len(known), min(math.fsum(known), 1.0), len(track.tags) - len(known))

    def to_json(self) -> dict[str, Any]:
        """Return the vocabulary as a JSON object."""
        return asdict(self)


def load_vectoriser(found: Mapping[str, Any]) -> Vectoriser:
    """Read a vocabulary from its JSON object.

    Raises:
        ContractBroken: A part is missing, or tags and weights differ in number.
    """
    try:
        loaded = Vectoriser(
            *(tuple(found[name]) for name in ("tags", "idf", "genres", "audio")),
        )
    except (KeyError, TypeError) as error:
        msg = f"a mood vocabulary can't be read: {error!r} is missing or is no list"
        raise ContractBroken(msg) from error
    if len(loaded.tags) != len(loaded.idf):
        msg = (
            f"a mood vocabulary has {len(loaded.tags)} tags and {len(loaded.idf)} weights; one each is needed"
        )
        raise ContractBroken(msg)
    return loaded


def fit_vectoriser(
    tracks: Sequence[MoodInput], *, most_tags: int, most_genres: int, audio: tuple[str, ...] = ()
) -> Vectoriser:
    """Choose the vocabulary: what at least two tracks have, the commonest first, ties by name.

    Args:
        tracks: What is learned from.
        most_tags: Size that the tags' vocabulary is cut to.
        most_genres: Size that the genres' is cut to.
        audio: The audio features that are looked at.
    """
    counts = Counter(tag for track in tracks for tag, _ in track.tags)
    tags = _commonest(counts, most_tags)
    genres = _commonest(Counter(genre for track in tracks for genre in track.genres), most_genres)
    idf = tuple(math.log((1 + len(tracks)) / (1 + counts[tag])) + 1 for tag in tags)
    return Vectoriser(tags, idf, genres, audio)


def _commonest(counts: Counter[str], most: int) -> tuple[str, ...]:
    shared: Iterable[tuple[str, int]] = ((name, count) for name, count in counts.items() if count > 1)
    return tuple(sorted(name for name, _ in sorted(shared, key=lambda pair: (-pair[1], pair[0]))[:most]))
