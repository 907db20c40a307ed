"""Lists that no artist fills."""

from __future__ import annotations

from itertools import chain
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
    waiting: Iterator[int] = iter(range(len(artists)))
    while True:
        seen: dict[int, int] = {}
        ten: list[int] = []
        passed_over: list[int] = []
        for at in waiting:
            artist = artists[at]
            count = seen.get(artist, 0)
            if count >= SPREAD_CAP and artist not in asked_for:
                passed_over.append(at)
                continue
            seen[artist] = count + 1
            ten.append(at)
            if len(ten) == SPREAD_SPAN:
                break
        if not ten:
            return
        missing = SPREAD_SPAN - len(ten)
        yield from sorted(ten + passed_over[:missing])
        waiting = chain(passed_over[missing:], waiting)
