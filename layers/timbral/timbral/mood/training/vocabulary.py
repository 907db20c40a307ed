"""Which tags, genres and words a model tells apart."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Final

from timbral.mood.targets import AUDIO_INPUTS
from timbral.mood.vectoriser import Vectoriser

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.mood.inputs import MoodInput
    from timbral.mood.training.settings import TrainingSettings

LEAST_TITLES: Final = 8
"""In how many titles a word must stand: fewer would tell songs apart rather than kinds of songs."""


def fit_vectoriser(tracks: Sequence[MoodInput], settings: TrainingSettings) -> Vectoriser:
    """Choose the vocabulary: what at least two tracks have, the commonest first, ties by name.

    Args:
        tracks: What is learned from.
        settings: How large the vocabularies may grow, and whether audio is looked at.
    """
    tag_counts = Counter(tag for track in tracks for tag, _ in track.tags)
    word_counts = Counter(word for track in tracks for word in track.words)
    tags = _commonest(tag_counts, settings.most_tags, 2)
    words = _commonest(word_counts, settings.most_words, LEAST_TITLES)
    genres = Counter(genre for track in tracks for genre in track.genres)
    return Vectoriser(
        tags=tags,
        idf=_idf(tags, tag_counts, len(tracks)),
        genres=_commonest(genres, settings.most_genres, 2),
        audio=AUDIO_INPUTS if settings.audio_inputs else (),
        words=words,
        word_idf=_idf(words, word_counts, len(tracks)),
        listening_count=max((len(track.listening) for track in tracks), default=0),
    )


def _commonest(counts: Counter[str], most: int, least: int) -> tuple[str, ...]:
    shared = [(name, count) for name, count in counts.items() if count >= least]
    return tuple(sorted(name for name, _ in sorted(shared, key=lambda pair: (-pair[1], pair[0]))[:most]))


def _idf(names: tuple[str, ...], counts: Counter[str], tracks_count: int) -> tuple[float, ...]:
    return tuple(math.log((1 + tracks_count) / (1 + counts[name])) + 1 for name in names)
