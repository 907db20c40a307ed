"""What a listener is known by: the release, and what has become known since, without a retrain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from timbral.api.answers.onboarding import GENRE_WEIGHT, standing_for
from timbral.core.normalise import identify, track_id
from timbral.recommender.known_worth import LIKE_WORTH
from timbral.recommender.release.view import ListenerProfile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from timbral.api.answers.wishes import Basis
    from timbral.api.keeping import Seeds
    from timbral.recommender.release.view import ReleaseView
    from timbral.store.seeds import HeardTrack

ENOUGH_TRACKS = 5
"""So many tracks of one source say enough; with fewer the next source is listened to besides."""
HOURS_COUNT = 24


@dataclass
class _Evidence:
    """What speaks of a listener's taste, by release row.

    Attributes:
        weights: How much each track says; below zero for what they don't want.
        plays: How often each was played.
        last_at_uts: When last.
        verdicts: What they said of it.
    """

    weights: dict[int, float]
    plays: dict[int, int]
    last_at_uts: dict[int, int]
    verdicts: dict[int, int]


def known_by(
    view: ReleaseView, released: ListenerProfile | None, seeds: Seeds
) -> tuple[ListenerProfile | None, Basis]:
    """Say what is known of a listener, and by which step of the chain.

    Listening history comes first, that of the release and what was taken in or told since; then what a
    provider says that they play most; then what they picked when they were new; then nothing: what is
    popular is all there is for them.

    Args:
        view: The release.
        released: What it knows of them; None if nothing.
        seeds: What has become known since.

    Returns:
        Their profile, folded in anew where something is new; None if nothing is known. And its basis.
    """
    if view.release in seeds.erased_releases:
        released = None
    found = _of_release(released)
    fresh_count = _add_heard(view, found, seeds.history, released.newest_at_uts if released else 0)
    fresh_count += _add_opinions(view, found, seeds, released.newest_at_uts if released else 0)
    basis: Basis = "history" if _liked_count(found) else "popular"
    if _liked_count(found) < ENOUGH_TRACKS and seeds.top_tracks:
        fresh_count += _add_heard(view, found, seeds.top_tracks, 0)
        basis = "top_tracks" if basis == "popular" and _liked_count(found) else basis
    if _liked_count(found) < ENOUGH_TRACKS and (seeds.picked_tracks or seeds.picked_genres):
        fresh_count += _add_picks(view, found, seeds)
        basis = "picks" if basis == "popular" and _liked_count(found) else basis
    if not fresh_count:
        return released, "history" if released else "popular"
    profile = _profile(view, released, found)
    return (replace(profile, picked_genres=seeds.picked_genres) if basis == "picks" else profile), basis


def _liked_count(found: _Evidence) -> int:
    return sum(weight > 0 for weight in found.weights.values())


def _of_release(released: ListenerProfile | None) -> _Evidence:
    if released is None:
        return _Evidence({}, {}, {}, {})
    rows = released.rows.tolist()
    plays = dict(zip(rows, released.plays.tolist(), strict=True))
    said = [int(verdict) for verdict in released.verdicts] or [0] * len(rows)
    verdicts = {row: verdict for row, verdict in zip(rows, said, strict=True) if verdict}
    weights = {row: worth(count, 0, verdicts.get(row, 0)) for row, count in plays.items()}
    return _Evidence(weights, plays, dict(zip(rows, released.last_at_uts.tolist(), strict=True)), verdicts)


def worth(plays_count: int, skips_count: int, verdict: int) -> float:
    """Weigh what somebody did with a track, as `timbral.recommender.known.liking` does for a release."""
    heard = plays_count - skips_count
    if verdict > 0:
        return max(heard, 0) + LIKE_WORTH
    if verdict < 0:
        return -max(plays_count, 1)
    return heard if heard > 0 else -max(skips_count, 1)


def _add_heard(view: ReleaseView, found: _Evidence, heard: Iterable[HeardTrack], since_uts: int) -> int:
    """Add listening that the release doesn't have yet; return how much."""
    fresh = [one for one in heard if not since_uts or one.last_at_uts > since_uts]
    rows = view.rows([own_id(one.artist, one.track) for one in fresh]).tolist()
    added = 0
    for one, row in zip(fresh, rows, strict=True):
        if row >= 0:
            found.plays[row] = max(found.plays.get(row, 0), one.plays_count)
            found.last_at_uts[row] = max(found.last_at_uts.get(row, 0), one.last_at_uts)
            found.weights[row] = worth(found.plays[row], 0, found.verdicts.get(row, 0))
            added += 1
    return added


def _add_opinions(view: ReleaseView, found: _Evidence, seeds: Seeds, since_uts: int) -> int:
    ids = list(seeds.opinions)
    added = 0
    for one, row in zip(ids, view.rows(ids).tolist(), strict=True):
        told = seeds.opinions[one]
        is_known = told.last_at_uts <= since_uts and told.verdict == found.verdicts.get(row, 0)
        if row < 0 or is_known:
            continue
        verdict = told.verdict or found.verdicts.get(row, 0)
        if verdict:
            found.verdicts[row] = verdict
        found.plays[row] = found.plays.get(row, 0) + told.plays_count
        found.last_at_uts[row] = max(
            found.last_at_uts.get(row, 0), told.last_at_uts if told.plays_count else 0
        )
        found.weights[row] = worth(found.plays[row], told.skips_count, verdict)
        added += 1
    return added


def _add_picks(view: ReleaseView, found: _Evidence, seeds: Seeds) -> int:
    rows = [row for row in view.rows(seeds.picked_tracks).tolist() if row >= 0]
    picked = dict.fromkeys(standing_for(view, seeds.picked_genres), GENRE_WEIGHT)
    picked |= dict.fromkeys(rows, 1.0)
    for row, weight in picked.items():
        found.weights.setdefault(row, weight)
        found.plays.setdefault(row, 0)
    return len(picked)


@lru_cache(maxsize=50_000)
def own_id(artist: str, track: str) -> str:
    """Return the identity that names mean."""
    return track_id(identify(artist, track))


def _profile(view: ReleaseView, released: ListenerProfile | None, found: _Evidence) -> ListenerProfile:
    rows = sorted(found.weights)
    factors, taste = view.fold_in(rows, [found.weights[row] for row in rows])
    numbers = np.array(rows, np.int64)
    plays = np.array([found.plays.get(row, 0) for row in rows], np.int64)
    last = np.array([found.last_at_uts.get(row, 0) for row in rows], np.int64)
    base = released or ListenerProfile("", factors, taste, numbers, plays, plays, last)
    # What the release doesn't know has been played since: within every window that ends today.
    before = dict(zip(base.rows.tolist(), range(len(base.rows)), strict=True)) if released else {}

    def window(name: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        counts, known = getattr(base, name), before
        had = [int(counts[known[row]]) if row in known and len(counts) else 0 for row in rows]
        was = [int(base.plays[known[row]]) if row in known else 0 for row in rows]
        return np.array(had, np.int64) + plays - np.array(was, np.int64)

    return replace(
        base,
        factors=factors,
        taste_vector=taste,
        rows=numbers,
        plays=plays,
        recent_plays=window("recent_plays"),
        month_plays=window("month_plays"),
        week_plays=window("week_plays"),
        last_at_uts=last,
        verdicts=np.array([found.verdicts.get(row, 0) for row in rows], np.int64),
        newest_at_uts=max(int(last.max(initial=0)), base.newest_at_uts),
    )
