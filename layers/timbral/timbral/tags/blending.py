"""Blending: from votes of many sources to the shares of one track.

All arithmetic before the last division is on whole numbers, so that no order of summing can show.
`timbral.tags.spreading` does the same for all tracks at once.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TAGS_PER_TRACK = 50

LEVELS = ("track", "album", "artist")
"""Where a vote may have been given, the nearest to the track first."""

LEVEL_WEIGHT = {"track": 8, "album": 4, "artist": 2}
"""A source that speaks of the track itself outweighs one that speaks of its album or artist."""

TRUST = {"hetrec2011": 50}
"""How far a source is trusted, out of 100; one that has no entry here has `USUAL_TRUST`.

A few dozen people who chose a handful of tags each are a thinner ground than a service's own weights.
"""

USUAL_TRUST = 100
UNIT = 1_000_000
"""What a source of weight 1 has to give."""


@dataclass(frozen=True, slots=True)
class Vote:
    """What one source says.

    Attributes:
        level: One of `LEVELS`.
        source: The source's name.
        tag: A normalised tag.
        count: How many said so, at least 1.
    """

    level: str
    source: str
    tag: str
    count: int


@dataclass(frozen=True, slots=True)
class TagShare:
    """A track's tag.

    Attributes:
        tag: The normalised tag.
        share: Its share of all that the track is called, in (0, 1].
        level: Where the strongest vote was given.
        sources: The sources that gave it, sorted.
    """

    tag: str
    share: float
    level: str
    sources: tuple[str, ...]


def weight_of(source: str, level: str) -> int:
    """Return how much one source's votes on one level weigh, in units of `UNIT`."""
    return TRUST.get(source, USUAL_TRUST) * LEVEL_WEIGHT[level] * UNIT


def blend_tags(votes: Iterable[Vote]) -> list[TagShare]:
    """Blend the votes on a track, its album and its artist.

    Counts become shares within their source and level first, so that many voters cannot drown few;
    the shares are then averaged with `weight_of`. Of each level only the `TAGS_PER_TRACK` heaviest
    tags count, and so many are kept in the end.

    Args:
        votes: All votes, in any order.

    Returns:
        The tags, heaviest first, ties by name; their shares sum to 1.
    """
    counts: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    for vote in votes:
        counts[vote.level][vote.source][vote.tag] += vote.count
    weights: dict[str, int] = defaultdict(int)
    strongest: dict[str, tuple[int, int, str]] = {}
    sources: dict[str, set[str]] = defaultdict(set)
    for place, level in enumerate(LEVELS):
        given = {source: _contributions(source, level, tags) for source, tags in counts[level].items()}
        for tag in _heaviest(_sum(given.values())):
            parts = {source: shares[tag] for source, shares in given.items() if tag in shares}
            weights[tag] += sum(parts.values())
            sources[tag] |= parts.keys()
            strongest[tag] = max(strongest.get(tag, (0, 0, "")), (sum(parts.values()), -place, level))
    kept = _heaviest(weights)
    total = sum(weights[tag] for tag in kept)
    return [
        TagShare(tag, weights[tag] / total, strongest[tag][2], tuple(sorted(sources[tag]))) for tag in kept
    ]


def _contributions(source: str, level: str, counts: Mapping[str, int]) -> dict[str, int]:
    weight, total = weight_of(source, level), sum(counts.values())
    return {tag: max(count * weight // total, 1) for tag, count in counts.items()}


def _sum(given: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = defaultdict(int)
    for shares in given:
        for tag, contribution in shares.items():
            total[tag] += contribution
    return total


def _heaviest(weights: Mapping[str, int]) -> list[str]:
    return sorted(weights, key=lambda tag: (-weights[tag], tag))[:TAGS_PER_TRACK]
