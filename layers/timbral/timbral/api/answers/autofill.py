"""Finishing a playlist: the seeds vote, and the elected differ from each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from timbral.api.answers.conditions import bearing_genres, matching, spelled_as_known
from timbral.api.answers.ranking import top
from timbral.api.answers.reasons import Recommended, Why, call_witnesses, in_library, named, shared_words
from timbral.errors import InvalidRequest
from timbral.recommender.models.diversity import diversify
from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from timbral.api.answers.listening import Flags
    from timbral.api.answers.wishes import AutofillWish, Method
    from timbral.recommender.release.view import (
        Floats,
        ListenerProfile,
        ReleaseView,
        Rows,
        TrackCard,
        TrackFilter,
    )

POWER = 8
CO_WEIGHT = 2.0
"""Chosen, with the power, on earlier sessions of real histories; see
`timbral.recommender.evaluation.autofill_quality`. Powers of 4 to 8 do equally well, higher ones worse."""
PROBES_COUNT = 4
NEAR_DEPTH = 300
FAR_DEPTH = 5_000
POOL_FACTOR = 6
LEAST_POOL = 300
NAMED_UNKNOWN_COUNT = 5
SHORTEST = np.float32(1e-9)


def autofill(view: ReleaseView, profile: ListenerProfile | None, wish: AutofillWish) -> list[Recommended]:
    """Choose tracks that continue a playlist.

    Args:
        view: The release.
        profile: Who asks, or None for a newcomer.
        wish: What they ask for.

    Returns:
        Tracks in the order chosen; fewer than asked if the conditions leave no more.

    Raises:
        InvalidRequest: A seed is not in the release.
    """
    seeds = _seed_rows(view, wish.seeds)
    include = spelled_as_known(view.columns(), wish.include)
    if include is None:
        return []
    pool_size = max(POOL_FACTOR * wish.count, LEAST_POOL)
    witnesses = call_witnesses(view, seeds)
    together = view.co_listened(seeds.tolist())
    open_ = _open_tracks(view, profile, wish, include, seeds)
    rows = _candidates(view, witnesses.vectors, together, include, open_, enough=pool_size)
    rows = _without_artists(view, rows, wish.exclude.artist_ids)
    vectors = view.vectors(rows.tolist())
    scores = METHODS[wish.method](vectors @ witnesses.vectors.T, together[rows])
    pool = top(np.arange(len(rows)), scores, pool_size)
    chosen = diversify(
        pool.scores,
        vectors[pool.rows],
        wish.count,
        diversity=wish.diversity,
        artists=view.columns().artist_codes[rows[pool.rows]],
        per_artist=wish.artist_cap,
    )
    places = pool.rows[chosen]
    like = witnesses.nearest_to(vectors[places])
    shown = zip(
        view.cards(rows[places].tolist()),
        pool.scores[chosen].tolist(),
        like,
        (together[rows[places]] > 0).tolist(),
        in_library(profile, rows[places]),
        strict=True,
    )
    return [
        Recommended(card, score, _why(card, near, played), own) for card, score, near, played, own in shown
    ]


def votes(cosines: Floats, together: Floats) -> Floats:
    """Let each seed vote for each candidate.

    A high power of the cosine lets a seed speak for what is really like it and keeps the many
    lukewarm ones from outvoting it, as a single centroid would.

    Args:
        cosines: ``(m, n_seeds)`` likeness, -1..1.
        together: ``(m,)`` co-listening with the seeds, 0..1.

    Returns:
        ``(m,)`` on 0..1.
    """
    by_likeness = (np.clip(cosines, 0, 1) ** POWER).sum(axis=1)
    total = _of_best(by_likeness) + CO_WEIGHT * _of_best(together)
    return (total / (1 + CO_WEIGHT)).astype(np.float32)


def centroid(cosines: Floats, together: Floats) -> Floats:
    """Score by likeness to the middle of the seeds, and by nothing else: the usual way, to compare with.

    Args:
        cosines: ``(m, n_seeds)`` likeness, -1..1; their sum is the cosine with the seeds' sum, but for scale.
        together: Not looked at.

    Returns:
        ``(m,)`` on 0..1.
    """
    del together
    return _of_best(np.maximum(cosines.sum(axis=1), 0)).astype(np.float32)


def probes(vectors: Floats, count: int) -> Floats:
    """Choose few points to search from that lie close to all seeds.

    Seeds are chosen farthest from those before; each then moves to the mean of the seeds nearest to it.

    Args:
        vectors: ``(n_seeds, d)`` normalised.
        count: How many points at most.

    Returns:
        ``(k, d)`` normalised, all seeds if there are few.
    """
    if len(vectors) <= count:
        return vectors
    chosen = [0]
    nearest = vectors @ vectors[0]
    while len(chosen) < count:
        chosen.append(int(nearest.argmin()))
        nearest = np.maximum(nearest, vectors @ vectors[chosen[-1]])
    owner = (vectors @ vectors[chosen].T).argmax(axis=1)
    means = np.stack([vectors[owner == at].sum(axis=0) for at in range(count) if (owner == at).any()])
    lengths = np.linalg.norm(means, axis=1, keepdims=True).astype(np.float32)
    middles: Floats = means / np.maximum(lengths, SHORTEST)
    return middles


METHODS: dict[Method, Callable[[Floats, Floats], Floats]] = {"votes": votes, "centroid": centroid}


def _of_best(values: Floats) -> Floats:
    best: np.float32 = values.max(initial=0)
    return values / best if best > 0 else values


def _seed_rows(view: ReleaseView, seeds: Sequence[str]) -> Rows:
    rows = view.rows(seeds)
    unknown = [seed for seed, row in zip(seeds, rows.tolist(), strict=True) if row < 0]
    if unknown:
        shown = ", ".join(unknown[:NAMED_UNKNOWN_COUNT]) + (", …" if unknown[NAMED_UNKNOWN_COUNT:] else "")
        msg = f"{len(unknown)} of {len(seeds)} seeds are not tracks of this release: {shown}"
        raise InvalidRequest(msg, "seeds")
    return np.unique(rows)


def _open_tracks(
    view: ReleaseView, profile: ListenerProfile | None, wish: AutofillWish, include: TrackFilter, seeds: Rows
) -> Flags:
    """Return ``(n,)`` which tracks may be chosen."""
    columns = view.columns()
    open_ = matching(columns, include)
    open_[seeds] = False
    if wish.exclude.track_ids:
        rows = view.rows(wish.exclude.track_ids)
        open_[rows[rows >= 0]] = False
    if wish.exclude.genres:
        open_ &= ~bearing_genres(columns, wish.exclude.genres)
    for mood in wish.exclude.moods:
        open_ &= ~columns.mood_flags[:, MOODS.index(mood)]
    if wish.exclude.library and profile is not None:
        open_[profile.library] = False
    if profile is not None:
        open_[profile.disliked] = False
    return open_


def _candidates(
    view: ReleaseView,
    seed_vectors: Floats,
    together: Floats,
    include: TrackFilter,
    open_: Flags,
    *,
    enough: int,
) -> Rows:
    """Gather open tracks near the seeds or played with them, looking further while they are too few."""
    linked = np.flatnonzero(open_ & (together > 0))
    linked = top(linked, together[linked], NEAR_DEPTH).rows
    enough = min(enough, int(open_.sum()))
    depth = NEAR_DEPTH
    points = probes(seed_vectors, PROBES_COUNT)
    while True:
        near = view.nearest_many(points, depth, include)
        gathered: Rows = np.unique(np.concatenate([linked, near]))
        rows = gathered[open_[gathered]]
        if len(rows) >= enough or depth >= min(view.tracks_count, FAR_DEPTH):
            return rows
        depth *= 4


def _without_artists(view: ReleaseView, rows: Rows, artist_ids: tuple[str, ...]) -> Rows:
    if not artist_ids:
        return rows
    return np.array([c.row for c in view.cards(rows.tolist()) if c.artist_id not in artist_ids], np.int64)


def _why(card: TrackCard, like: tuple[TrackCard, ...], is_played_with: bool) -> Why:
    if like:
        speaks = "speak" if len(like) > 1 else "speaks"
        return Why("voted_by_seeds", f"{named(like)} {speaks} for it.", like, shared_words(card, like))
    if is_played_with:
        return Why("played_with_seeds", "People who play your seeds play it too.")
    return Why("near_seeds", "Of what is left, it lies among the closest to your seeds.")
