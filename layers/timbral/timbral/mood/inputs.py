"""What a mood is predicted from, a track at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from timbral.core.folding import fold, words
from timbral.digests import digest_json
from timbral.errors import ContractBroken
from timbral.mood.targets import AUDIO_INPUTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VIEW_COLUMNS: Final = (
    "track_id",
    "artist_id",
    "title",
    "tags",
    "tag_shares",
    "genres",
    "year",
    "duration_ms",
    "listeners_count",
    "album_description",
    "review_snippets",
    "album",
    "critic_score",
    "user_score",
)
"""Columns of ``track_feature_view`` that `read_input` reads, but for the audio features."""

ALBUM_SCORES: Final = ("critic_score", "user_score")
"""What the album was rated, 0 to 100, in the order in which inputs hold it."""
HIGHEST_SCORE: Final = 100.0
OF_RELEASE: Final = "on "
"""Stands before a word of the release's title, to tell it from the same word in the track's."""
FIRST_DECADE, LAST_DECADE = 1900, 2030
POPULARITY_STEPS = 21


@dataclass(frozen=True, slots=True)
class MoodInput:
    """All that a prediction may look at, but for the text embedding itself.

    Attributes:
        tags: Normalised tags and their shares, each tag once.
        genres: The main one first, in lower case.
        decade: First year of the decade of release; None if unknown.
        popularity: Whole part of log2(1 + listeners), at most 20.
        duration_ms: Length; None if unknown.
        words: The title's words, each once, then the release's, `OF_RELEASE` before each.
        has_prose: Whether the text embedding knows an album's description or reviews.
        text_hash: Digest of what the text embedding was computed from; empty if there is none.
        audio: Values of `AUDIO_INPUTS` in that order, None where unknown; empty if they are not looked at.
        listening: Where its listeners place its artist (`timbral.mood.training.listening`); empty if that
            is unknown or not looked at.
        scores: Values of `ALBUM_SCORES` in that order, None where unknown; empty if all are.
    """

    tags: tuple[tuple[str, float], ...] = ()
    genres: tuple[str, ...] = ()
    decade: int | None = None
    popularity: int = 0
    duration_ms: int | None = None
    words: tuple[str, ...] = ()
    has_prose: bool = False
    text_hash: str = ""
    audio: tuple[float | None, ...] = ()
    listening: tuple[float, ...] = ()
    scores: tuple[float | None, ...] = ()

    def without_tags(self, dropped: Iterable[str]) -> MoodInput:
        """Return the same track with neither these tags nor the text that may spell them."""
        gone = frozenset(dropped)
        kept = tuple(pair for pair in self.tags if pair[0] not in gone)
        genres = tuple(genre for genre in self.genres if genre not in gone)
        return replace(self, tags=kept, genres=genres, has_prose=False, text_hash="")


def decade_of(year: int | None) -> int | None:
    """Return the first year of a year's decade, within the decades that are told apart."""
    if year is None:
        return None
    return min(max(year // 10 * 10, FIRST_DECADE), LAST_DECADE)


def popularity_of(listeners_count: int) -> int:
    """Return the whole part of log2(1 + listeners), at most ``POPULARITY_STEPS - 1``."""
    return min((1 + listeners_count).bit_length() - 1, POPULARITY_STEPS - 1)


def words_of(title: str | None, release: str | None = None) -> tuple[str, ...]:
    """Return a title's folded words, each once, then those of its release, marked by `OF_RELEASE`.

    Args:
        title: The track's title.
        release: The title of the album or single; one that only repeats the track's says nothing more.
    """
    of_title = dict.fromkeys(words(fold(title))) if title else {}
    of_release = dict.fromkeys(words(fold(release))) if release else {}
    if of_title.keys() == of_release.keys():
        of_release = {}
    return (*of_title, *(f"{OF_RELEASE}{word}" for word in of_release))


def scores_of(values: Mapping[str, float | None]) -> tuple[float | None, ...]:
    """Return the album's scores in the order of `ALBUM_SCORES`; empty if there is none.

    Raises:
        ContractBroken: A score is not within 0 and `HIGHEST_SCORE`.
    """
    scores = tuple(values.get(name) for name in ALBUM_SCORES)
    for name, score in zip(ALBUM_SCORES, scores, strict=True):
        if score is not None and not 0 <= score <= HIGHEST_SCORE:
            msg = f"{name} is {score}; 0 to {HIGHEST_SCORE:g} is allowed"
            raise ContractBroken(msg)
    return scores if any(score is not None for score in scores) else ()


def read_input(row: Mapping[str, Any], text_hash: str | None, *, with_audio: bool) -> MoodInput:
    """Read a row of ``track_feature_view``.

    Args:
        row: `VIEW_COLUMNS`, and the columns of `AUDIO_INPUTS` if they are looked at.
        text_hash: ``input_hash`` of the track's text embedding, if it has one.
        with_audio: Whether audio features are looked at.

    Raises:
        ContractBroken: Tags and shares differ in number, or a share or feature is not a finite number.
    """
    tags, shares = row["tags"], row["tag_shares"]
    audio = tuple(row[name] for name in AUDIO_INPUTS) if with_audio else ()
    if len(tags) != len(shares):
        msg = f"track {row['track_id']!r} has {len(tags)} tags and {len(shares)} shares; one each is needed"
        raise ContractBroken(msg)
    for name, values in (("tag_shares", shares), ("audio features", audio)):
        if not all(value is None or math.isfinite(value) for value in values):
            msg = f"{name} of track {row['track_id']!r} hold a value that is not a finite number: {values}"
            raise ContractBroken(msg)
    return MoodInput(
        tags=tuple(dict(zip(tags, shares, strict=True)).items()),
        genres=tuple(dict.fromkeys(genre.casefold() for genre in row["genres"])),
        decade=decade_of(row["year"]),
        popularity=popularity_of(row["listeners_count"]),
        duration_ms=row["duration_ms"],
        words=words_of(row["title"], row["album"]),
        has_prose=bool(text_hash) and bool(row["album_description"] or row["review_snippets"]),
        text_hash=text_hash or "",
        audio=audio,
        scores=scores_of(row),
    )


def input_hash(track: MoodInput, model: str) -> str:
    """Digest all that a prediction depends on.

    Args:
        track: The track.
        model: Version of the model.
    """
    return digest_json(
        [
            model,
            track.tags,
            track.genres,
            track.decade,
            track.popularity,
            track.duration_ms,
            track.words,
            track.has_prose,
            track.text_hash,
            track.audio,
            track.listening,
            track.scores,
        ]
    )
