"""From a track to numbers: tags and titles by TF-IDF, genres and facts as flags, audio if allowed."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Any

import numpy as np

from timbral.errors import ContractBroken
from timbral.mood.inputs import ALBUM_SCORES, FIRST_DECADE, HIGHEST_SCORE, LAST_DECADE, POPULARITY_STEPS
from timbral.mood.sparse import SparseRows, coarsen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from timbral.mood.inputs import MoodInput
    from timbral.mood.sparse import Floats

_DECADES_COUNT = (LAST_DECADE - FIRST_DECADE) // 10 + 1
_MINUTES = (1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 8.0)  # where one step of length ends
_DURATIONS_COUNT = len(_MINUTES) + 1
_MINUTE_MS = 60_000
_TITLE_WEIGHT = 0.5  # length of a title's row of words; that of the tags' is 1
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
        words: The words of titles that are told apart.
        word_idf: The same of each as ``idf`` of tags.
        listening_count: Length of the listening factors; 0 if they are not looked at.
    """

    tags: tuple[str, ...]
    idf: tuple[float, ...]
    genres: tuple[str, ...]
    audio: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    word_idf: tuple[float, ...] = ()
    listening_count: int = 0

    @cached_property
    def _tag_columns(self) -> dict[str, int]:
        return {tag: column for column, tag in enumerate(self.tags)}

    @cached_property
    def _genre_columns(self) -> dict[str, int]:
        return {genre: len(self.tags) + place for place, genre in enumerate(self.genres)}

    @cached_property
    def _word_columns(self) -> dict[str, int]:
        return {word: column for column, word in enumerate(self.words)}

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        """Where decades, popularity, durations, scores, words, listening and audio begin, and all ends."""
        sizes = (
            len(self.tags) + len(self.genres),
            _DECADES_COUNT,
            POPULARITY_STEPS,
            _DURATIONS_COUNT,
            len(ALBUM_SCORES),
            len(self.words),
            self.listening_count,
            len(self.audio),
        )
        return tuple(accumulate(sizes))

    @property
    def width(self) -> int:
        """Number of columns."""
        return self._starts[-1]

    @property
    def named_width(self) -> int:
        """Number of the columns of tags and genres, which come first."""
        return self._starts[0]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, each with its kind in front."""
        return (
            *(f"tag:{tag}" for tag in self.tags),
            *(f"genre:{genre}" for genre in self.genres),
            *(f"decade:{FIRST_DECADE + 10 * place}" for place in range(_DECADES_COUNT)),
            *(f"popularity:{step}" for step in range(POPULARITY_STEPS)),
            *(f"duration:{step}" for step in range(_DURATIONS_COUNT)),
            *(f"score:{name}" for name in ALBUM_SCORES),
            *(f"word:{word}" for word in self.words),
            *(f"listening:{place}" for place in range(self.listening_count)),
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

    def facts(self, tracks: Sequence[MoodInput]) -> Floats:
        """Return what trees may ask about apart from tags, genres and words, zero where unknown.

        Returns:
            ``(n, 5 + listening_count + len(audio))``: decades since 1890, popularity, minutes, the album's
            scores as shares, listening factors, audio features.
        """
        first = 3 + len(ALBUM_SCORES)
        facts = np.zeros((len(tracks), first + self.listening_count + len(self.audio)), dtype=np.float32)
        for row, track in zip(facts, tracks, strict=True):
            row[0] = 0 if track.decade is None else (track.decade - FIRST_DECADE) // 10 + 1
            row[1] = track.popularity
            row[2] = (track.duration_ms or 0) / _MINUTE_MS
            for place, value in _scores(track):
                row[3 + place] = value
            for place, value in chain(self._listening(track), self._audio(track)):
                row[first + place] = value
        return coarsen(facts)

    def _row(self, track: MoodInput) -> Iterator[tuple[int, float]]:
        decades, popularities, durations, scores, words, listening, _, _ = self._starts
        yield from _unit(
            (column, math.sqrt(share) * self.idf[column])
            for tag, share in track.tags
            if share > 0 and (column := self._tag_columns.get(tag)) is not None
        )
        yield from (
            (self._genre_columns[genre], 1.0) for genre in track.genres if genre in self._genre_columns
        )
        if track.decade is not None:
            yield decades + (track.decade - FIRST_DECADE) // 10, 1.0
        if track.popularity:
            yield popularities + track.popularity, 1.0
        if track.duration_ms is not None:
            yield durations + bisect_right(_MINUTES, track.duration_ms / _MINUTE_MS), 1.0
        yield from ((scores + place, value) for place, value in _scores(track))
        known = [column for word in track.words if (column := self._word_columns.get(word)) is not None]
        for column, weight in _unit((column, self.word_idf[column]) for column in known):
            yield words + column, _TITLE_WEIGHT * weight
        for place, value in chain(self._listening(track), self._audio(track)):
            yield listening + place, value

    def _listening(self, track: MoodInput) -> Iterator[tuple[int, float]]:
        """Yield the listening factors by their place."""
        if self.listening_count and len(track.listening) not in (0, self.listening_count):
            allowed = f"0 or {self.listening_count} are allowed"
            msg = f"a track has {len(track.listening)} listening factors; {allowed}"
            raise ContractBroken(msg)
        if self.listening_count:
            yield from ((place, value or _BARELY_KNOWN) for place, value in enumerate(track.listening))

    def _audio(self, track: MoodInput) -> Iterator[tuple[int, float]]:
        """Yield the audio features, scaled, by their place after the listening factors."""
        for place, (name, value) in enumerate(zip(self.audio, track.audio, strict=False)):
            if value is not None:
                offset, span = _AUDIO_SCALES.get(name, (0.0, 1.0))
                yield self.listening_count + place, (value - offset) / span or _BARELY_KNOWN

    def evidence(self, track: MoodInput) -> Evidence:
        """Say how much of a track is known."""
        known = [share for tag, share in track.tags if tag in self._tag_columns]
        return Evidence(len(known), min(math.fsum(known), 1.0), len(track.tags) - len(known))

    def to_json(self) -> dict[str, Any]:
        """Return the vocabulary as a JSON object."""
        return asdict(self)


def _scores(track: MoodInput) -> Iterator[tuple[int, float]]:
    """Yield the album's scores as shares, by their place."""
    for place, score in enumerate(track.scores):
        if score is not None:
            yield place, score / HIGHEST_SCORE or _BARELY_KNOWN


def _unit(weighted: Iterable[tuple[int, float]]) -> Iterator[tuple[int, float]]:
    """Yield weights in order of their columns, as a vector of length 1."""
    ordered = sorted(weighted)
    norm = math.sqrt(sum(weight * weight for _, weight in ordered))
    return ((column, weight / norm) for column, weight in ordered)


def load_vectoriser(found: Mapping[str, Any]) -> Vectoriser:
    """Read a vocabulary from its JSON object.

    Raises:
        ContractBroken: A part is missing, or tags and weights differ in number.
    """
    try:
        lists = {name: tuple(found[name]) for name in ("tags", "idf", "genres", "audio", "words", "word_idf")}
        loaded = Vectoriser(**lists, listening_count=int(found["listening_count"]))
    except (KeyError, TypeError, ValueError) as error:
        msg = f"a mood vocabulary can't be read: {error!r} is missing or is no list"
        raise ContractBroken(msg) from error
    for what, names, weights in (
        ("tags", loaded.tags, loaded.idf),
        ("words", loaded.words, loaded.word_idf),
    ):
        if len(names) != len(weights):
            msg = f"a mood vocabulary has {len(names)} {what} and {len(weights)} weights; one each is needed"
            raise ContractBroken(msg)
    return loaded
