"""Why a track is there that sounds like none of the listener's favourites: the company that it keeps."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from timbral.api.answers.reasons import MAX_TRACKS_COUNT, Why, listed, named, shared_with, words_of

if TYPE_CHECKING:
    from timbral.api.answers.reasons import Witnesses
    from timbral.recommender.release.view import ReleaseView, TrackCard

LAST_RESORT = "It fits what you have played so far, taken as a whole."


class Company:
    """The listener's favourites, as people who play other tracks play them too.

    What it needs is looked up at the first track that needs it: most have nearer reasons.

    Args:
        view: The release.
        witnesses: The favourites, best first.
    """

    def __init__(self, view: ReleaseView, witnesses: Witnesses) -> None:
        self._view = view
        self._witnesses = witnesses

    def why(self, rule: str, card: TrackCard) -> Why:
        """Name the favourites that people play together with a track, else what it shares with them all.

        Args:
            rule: The rule that brought the track.
            card: The track.
        """
        ranked = sorted(self._together.get(card.row, ()), key=lambda one: -one[0])
        cited = tuple(self._witnesses.cards[at] for _, at in ranked[:MAX_TRACKS_COUNT])
        words = shared_with(card, self._words)
        if cited:
            return Why(rule, f"People who play {named(cited)} play it too.", cited, words)
        if words:
            return Why(rule, f"{listed(words).capitalize()}, as some of what you play.", (), words)
        return Why(rule, LAST_RESORT)

    @cached_property
    def _together(self) -> dict[int, list[tuple[float, int]]]:
        """By row: how much it is played together with which favourite."""
        found: dict[int, list[tuple[float, int]]] = {}
        for at, favourite in enumerate(self._witnesses.cards):
            rows, shares = self._view.companions(favourite.row)
            for row, share in zip(rows.tolist(), shares.tolist(), strict=True):
                if row != favourite.row:
                    found.setdefault(row, []).append((share, at))
        return found

    @cached_property
    def _words(self) -> frozenset[str]:
        return words_of(self._witnesses.cards)
