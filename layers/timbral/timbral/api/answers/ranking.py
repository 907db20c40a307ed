"""Rankings: best first, warmed a little by the day, no artist too often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timbral.digests import digest_json

if TYPE_CHECKING:
    from collections import Counter
    from datetime import date

    from timbral.recommender.release.view import Floats, Rows

SORTED_WHOLE = 500
"""Scores up to which sorting them all takes no longer than to look for the best first."""
MANY = 16
SAMPLED_EACH = 32
SPARE = 8


@dataclass(frozen=True)
class Ranking:
    """Tracks in order.

    Attributes:
        rows: ``(k,)`` rows of the release, best first.
        scores: ``(k,)`` what they were ranked by; comparable within this ranking only.
    """

    rows: Rows
    scores: Floats


def top(candidates: Rows, scores: Floats, count: int) -> Ranking:
    """Rank the best of some candidates without sorting the rest.

    Args:
        candidates: ``(m,)`` rows, each once.
        scores: ``(m,)`` finite.
        count: How many to keep.
    """
    if len(scores) <= SORTED_WHOLE:
        order = np.lexsort((candidates, -scores))[:count]
        return Ranking(candidates[order], scores[order])
    kept = best(scores, count)
    order = kept[np.lexsort((candidates[kept], -scores[kept]))]
    return Ranking(candidates[order], scores[order])


def best(scores: Floats, count: int) -> Rows:
    """Return the places of the highest scores, in no order.

    Few of many are looked for among those that a sample says may be high enough, if they are enough:
    the result is the same, and the rest are passed over once only.

    Args:
        scores: ``(m,)``.
        count: How many to return, at least 0; all if there are fewer.
    """
    if len(scores) <= count:
        return np.arange(len(scores))
    if not count:
        return np.zeros(0, np.int64)
    likely = np.arange(len(scores))
    if count * MANY < len(scores):
        sample = np.sort(scores[::SAMPLED_EACH])
        wanted = min(2 * count // SAMPLED_EACH + SPARE, len(sample))
        high = np.flatnonzero(scores >= sample[-wanted])
        likely = high if len(high) >= count else likely
    return likely[np.argpartition(scores[likely], len(likely) - count)[len(likely) - count :]]


def followed_by(ranking: Ranking, other: Ranking) -> Ranking:
    """Return a ranking and behind it another one that shares no track with it."""
    return Ranking(np.concatenate([ranking.rows, other.rows]), np.concatenate([ranking.scores, other.scores]))


def warm(ranking: Ranking, day: date, *seeds: str, amount: float) -> Ranking:
    """Shake a ranking a little, in the same way all day long and in another one tomorrow.

    Gumbel noise on scores makes this a draw without replacement in which a better score is likelier
    to come first.

    Args:
        ranking: What to shake.
        day: The day.
        seeds: Whose ranking it is and which one.
        amount: Scale of the noise on the scores' scale; 0 leaves the order alone.
    """
    digest = digest_json([day.isoformat(), *seeds])
    noise = np.random.default_rng(int(digest[:16], 16)).gumbel(size=len(ranking.rows))
    by_row = np.argsort(ranking.rows)
    shaken = ranking.scores.astype(np.float64)
    shaken[by_row] += amount * noise
    order = np.argsort(-shaken, kind="stable")
    return Ranking(ranking.rows[order], ranking.scores[order])


@dataclass(frozen=True)
class Allowance:
    """How often an artist may be in several lists together.

    Attributes:
        seen: How often each is by now; taking counts on.
        most: How often one may be.
    """

    seen: Counter[int]
    most: int


def take(  # noqa: PLR0917  the last is rarely given
    ranking: Ranking,
    artist_codes: Rows,
    used: set[int],
    count: int,
    artist_cap: int,
    together: Allowance | None = None,
) -> Ranking:
    """Take the next tracks of a ranking and mark them as used.

    Caps give way when there is nothing else left: a short list serves nobody.

    Args:
        ranking: Best first.
        artist_codes: ``(n,)`` each track's artist.
        used: Rows that are taken already; the taken ones are added.
        count: How many.
        artist_cap: How many by one artist, as long as there are others.
        together: How many by one artist in this and other lists, as long as there are others.
    """
    chosen: list[int] = []
    passed_over: list[int] = []
    by_artist: dict[int, int] = {}
    for place, row in enumerate(ranking.rows.tolist()):
        if len(chosen) == count:
            break
        if row in used:
            continue
        artist = int(artist_codes[row])
        by_artist[artist] = by_artist.get(artist, 0) + 1
        is_too_often = together is not None and together.seen[artist] >= together.most
        if is_too_often or by_artist[artist] > artist_cap:
            passed_over.append(place)
            continue
        chosen.append(place)
        if together is not None:
            together.seen[artist] += 1
    chosen += passed_over[: count - len(chosen)]
    used.update(ranking.rows[chosen].tolist())
    return Ranking(ranking.rows[chosen], ranking.scores[chosen])
