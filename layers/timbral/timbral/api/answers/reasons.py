"""Why a track is there: which rule, which of your tracks, which tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from timbral.recommender.release.view import Floats, ListenerProfile, ReleaseView, Rows, TrackCard

LIKE = 0.35
MAX_TRACKS_COUNT = 2
MAX_TAGS_COUNT = 3


class Why(NamedTuple):
    """The reason for one track.

    Attributes:
        rule: Stable name of the rule that brought it.
        text: The reason in one sentence.
        tracks: The tracks that speak for it: the listener's own, or the seeds.
        tags: What it shares with them, or with the question.
    """

    rule: str
    text: str
    tracks: tuple[TrackCard, ...] = ()
    tags: tuple[str, ...] = ()


class Recommended(NamedTuple):
    """A track in an answer.

    Attributes:
        card: The track.
        score: What it was ranked by, higher is better; comparable within its list only.
        why: The reason.
        in_library: Whether the listener has played it.
    """

    card: TrackCard
    score: float
    why: Why
    in_library: bool = False


@dataclass(frozen=True)
class Witnesses:
    """Tracks that can be named as a reason.

    Attributes:
        cards: The tracks.
        vectors: ``(k, d)`` their places, normalised.
    """

    cards: Sequence[TrackCard]
    vectors: Floats

    def nearest_to(self, vectors: Floats) -> list[tuple[TrackCard, ...]]:
        """Return for each of ``(m, d)`` vectors the witnesses that are like it, nearest first."""
        if not len(self.cards):
            return [()] * len(vectors)
        cosines = vectors @ self.vectors.T
        best = np.argsort(-cosines, axis=1, kind="stable")[:, :MAX_TRACKS_COUNT]
        return [
            tuple(self.cards[place] for place in places if line[place] >= LIKE)
            for line, places in zip(cosines, best, strict=True)
        ]


def in_library(profile: ListenerProfile | None, rows: Rows) -> list[bool]:
    """Return which of some rows the listener has played; none for a newcomer."""
    library = None if profile is None else profile.library
    if library is None or not len(library):
        return [False] * len(rows)
    places = np.minimum(np.searchsorted(library, rows), len(library) - 1)
    found: list[bool] = (library[places] == rows).tolist()
    return found


def call_witnesses(view: ReleaseView, rows: Rows) -> Witnesses:
    """Look up the tracks that can be named as a reason."""
    listed = rows.tolist()
    return Witnesses(view.cards(listed), view.vectors(listed))


def shared_words(card: TrackCard, others: Sequence[TrackCard]) -> tuple[str, ...]:
    """Return the genres and tags of a track that others have too, the track's heaviest first."""
    return shared_with(card, words_of(others))


def words_of(cards: Sequence[TrackCard]) -> frozenset[str]:
    """Return all genres and tags of some tracks."""
    return frozenset(word for card in cards for word in (*card.genres, *card.tags))


def shared_with(card: TrackCard, words: AbstractSet[str]) -> tuple[str, ...]:
    """Return the genres and tags of a track that are among some words, its heaviest first."""
    shared = [word for word in card.genres + card.tags if word in words]
    return tuple(dict.fromkeys(shared) if len(shared) > 1 else shared)[:MAX_TAGS_COUNT]


def listed(words: Sequence[str]) -> str:
    """Join words as a sentence does: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1] if words else "") if part)


def named(cards: Sequence[TrackCard]) -> str:
    """Name tracks in a sentence."""
    return listed([f"“{card.title}” by {card.artist}" for card in cards])


def because(rule: str, lead: str, card: TrackCard, witnesses: tuple[TrackCard, ...]) -> Why:
    """Reason from a rule's own sentence and from the listener's tracks that are like this one.

    Args:
        rule: The rule's name.
        lead: The rule's sentence, with its full stop; may be empty.
        card: The track to speak for.
        witnesses: The listener's tracks that are like it; may be empty.

    Returns:
        The reason; without a lead and any witness but the track itself its text is empty.
    """
    others = tuple(other for other in witnesses if other.row != card.row)
    words = shared_words(card, others)
    parts = [lead] if lead else []
    if others:
        tail = f", which is {listed(words)} too" if words else ""
        parts.append(
            f"Like {named(others)}{tail}." if len(others) == 1 or not words else _both(others, words)
        )
    return Why(rule, " ".join(parts), others, words)


def _both(others: Sequence[TrackCard], words: Sequence[str]) -> str:
    return f"Like {named(others)}: {listed(words)}."
