"""What is like one track: near in the track-vector space, and played by the same people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timbral.api.answers.conditions import matching, spelled_as_known
from timbral.api.answers.ranking import top
from timbral.api.answers.reasons import Recommended, Why, in_library, listed, shared_with, words_of
from timbral.errors import NotFound
from timbral.recommender.release.view import TrackFilter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from timbral.api.answers.ranking import Ranking
    from timbral.recommender.release.view import Floats, ListenerProfile, ReleaseView, Rows, TrackCard

DEPTH = 200
CO_DEPTH = 50
CO_WEIGHT = 0.4
CO_NOTABLE = 0.2
EVERYTHING = TrackFilter()


@dataclass(frozen=True)
class SimilarTracks:
    """A page of similar tracks.

    Attributes:
        seed: The track asked about.
        tracks: Most similar first.
        has_more: Whether there is a next page.
    """

    seed: TrackCard
    tracks: tuple[Recommended, ...]
    has_more: bool


def similar_tracks(
    view: ReleaseView,
    profile: ListenerProfile | None,
    track_id: str,
    wanted: TrackFilter,
    *,
    offset: int,
    limit: int,
) -> SimilarTracks:
    """Answer what is like a track, as far as `DEPTH` reaches.

    Args:
        view: The release.
        profile: Who asks, or None for a newcomer.
        track_id: The track.
        wanted: Which tracks count.
        offset: Tracks to pass over.
        limit: Tracks to return at most.

    Raises:
        NotFound: The release doesn't have the track.
    """
    row = int(view.rows([track_id])[0])
    if row < 0:
        raise NotFound(f"there is no track {track_id!r} in this release")
    known = spelled_as_known(view.columns(), wanted)
    if known is None:
        return SimilarTracks(view.cards([row])[0], (), has_more=False)
    rows, together, ranking = _ranked(view, profile, row, known)
    places = ranking.rows[offset : offset + limit]
    seed, *cards = view.cards([row, *rows[places].tolist()])
    shown = zip(
        cards,
        ranking.scores[offset : offset + limit].tolist(),
        together[places].tolist(),
        in_library(profile, rows[places]),
        strict=True,
    )
    spoken = words_of([seed])
    tracks = [
        Recommended(card, score, _why(seed, spoken, card, shared), own) for card, score, shared, own in shown
    ]
    return SimilarTracks(seed, tuple(tracks), len(ranking.rows) > offset + limit)


def similar_to_each(
    view: ReleaseView, profile: ListenerProfile | None, seeds: Sequence[TrackCard], limit: int
) -> list[list[Recommended]]:
    """Answer what is like each of several tracks; what is shown of all is looked up at once.

    Args:
        view: The release.
        profile: Who asks, or None for a newcomer.
        seeds: The tracks.
        limit: Tracks to return for each at most.
    """
    near = nearest_to_each(view, [seed.row for seed in seeds])
    found = [
        _ranked(view, profile, seed.row, EVERYTHING, near=own) for seed, own in zip(seeds, near, strict=True)
    ]
    heads = [
        (rows[at.rows[:limit]], together[at.rows[:limit]], at.scores[:limit]) for rows, together, at in found
    ]
    cards = iter(view.cards([row for rows, _, _ in heads for row in rows.tolist()]))
    answers = []
    for seed, (rows, together, scores) in zip(seeds, heads, strict=True):
        spoken = words_of([seed])
        shown = zip(
            [next(cards) for _ in rows],
            scores.tolist(),
            together.tolist(),
            in_library(profile, rows),
            strict=True,
        )
        answers.append(
            [
                Recommended(card, score, _why(seed, spoken, card, shared), own)
                for card, score, shared, own in shown
            ]
        )
    return answers


def nearest_to_each(view: ReleaseView, rows: Sequence[int]) -> list[tuple[Rows, Floats]]:
    """Return what lies nearest to each of several tracks, with one question to the index for them all.

    What is near to any of them holds what is nearest to each.

    Args:
        view: The release.
        rows: The tracks.

    Returns:
        For each its nearest rows, nearest first, and their cosines.
    """
    vectors = view.vectors(rows)
    pool = view.nearest_many(vectors, DEPTH + 1, EVERYTHING)
    cosines = vectors @ view.vectors(pool).T
    best = (top(pool, own, DEPTH + 1) for own in cosines)
    return [(ranking.rows, ranking.scores) for ranking in best]


def _ranked(
    view: ReleaseView,
    profile: ListenerProfile | None,
    row: int,
    wanted: TrackFilter,
    near: tuple[Rows, Floats] | None = None,
) -> tuple[Rows, Floats, Ranking]:
    """Rank what is like one track: rows, co-listening, and a ranking of their places."""
    vector = view.vectors([row])[0]
    rows, cosines, together = _candidates(
        view, row, vector, near or view.nearest(vector, DEPTH + 1, wanted), wanted
    )
    scores = blend(cosines, together)
    wanted_at = np.arange(len(rows))
    if profile is not None and profile.disliked:
        wanted_at = np.flatnonzero(~np.isin(rows, profile.disliked))
    return rows, together, top(wanted_at, scores[wanted_at], DEPTH)


def blend(cosines: Floats, together: Floats) -> Floats:
    """Blend likeness with co-listening; where nobody is known to play both, likeness decides alone.

    Args:
        cosines: ``(m,)`` -1..1.
        together: ``(m,)`` co-listening, 0..1.

    Returns:
        ``(m,)``, at most 1.
    """
    return ((1 - CO_WEIGHT) * cosines + CO_WEIGHT * together).astype(np.float32)


def _candidates(
    view: ReleaseView, row: int, vector: Floats, nearest: tuple[Rows, Floats], wanted: TrackFilter
) -> tuple[Rows, Floats, Floats]:
    """Gather what is near and what is played together, without the track itself."""
    near, cosines = nearest
    linked, shares = view.companions(row)
    if wanted != EVERYTHING:
        meeting = matching(view.columns(), wanted)[linked]
        linked, shares = linked[meeting], shares[meeting]
    # Few of many, and short lists: plain dictionaries take a fifth of the time of set routines over arrays.
    known = dict(zip(linked.tolist(), shares.tolist(), strict=True))
    near_rows = near.tolist()
    extra = set(top(linked, shares, CO_DEPTH).rows.tolist()).difference(near_rows)
    rows = np.array([*near_rows, *sorted(extra)], np.int64)
    likeness = np.concatenate([cosines, view.vectors(rows[len(near) :]) @ vector]) if extra else cosines
    together = np.array([known.get(other, 0.0) for other in rows.tolist()], np.float32)
    others = rows != row
    return rows[others], likeness[others], together[others]


def _why(seed: TrackCard, words_of_seed: AbstractSet[str], card: TrackCard, together: float) -> Why:
    words = shared_with(card, words_of_seed)
    parts = []
    if together >= CO_NOTABLE:
        parts.append(f"people who play “{seed.title}” play it too")
    if words:
        parts.append(f"both are {listed(words)}")
    if not parts:
        parts.append(f"it lies close to “{seed.title}”")
    text = " and ".join(parts)
    return Why("similar_to_track", f"{text[0].upper()}{text[1:]}.", (seed,), words)
