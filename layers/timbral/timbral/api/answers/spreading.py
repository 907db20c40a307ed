"""Lists that no artist fills."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

SPREAD_CAP, SPREAD_SPAN = 3, 10
"""How many of ten tracks may be by an artist that wasn't asked for."""


def spread(artists: Sequence[int], asked_for: AbstractSet[int] = frozenset()) -> Iterator[int]:
    """Order a list so that one artist doesn't fill a page, unless it was asked for.

    Args:
        artists: ``(n,)`` a number an artist, best first.
        asked_for: Artists that may.

    Yields:
        ``n`` places: of every ten `SPREAD_CAP` at most are by one artist, as long as there are others.
    """
    waiting = list(range(len(artists)))
    while waiting:
        seen: dict[int, int] = {}
        ten: list[int] = []
        left: list[int] = []
        for place, at in enumerate(waiting):
            if len(ten) == SPREAD_SPAN:
                left += waiting[place:]
                break
            artist = artists[at]
            count = seen.get(artist, 0)
            if count < SPREAD_CAP or artist in asked_for:
                ten.append(at)
                seen[artist] = count + 1
            else:
                left.append(at)
        missing = SPREAD_SPAN - len(ten)
        yield from sorted(ten + left[:missing])
        waiting = left[missing:]
