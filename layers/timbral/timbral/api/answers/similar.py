"""What is like one track: near in the track-vector space, and played by the same people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timbral.api.answers.conditions import matching, spelled_as_known
from timbral.api.answers.ranking import best, top
from timbral.api.answers.reasons import Recommended, Why, in_library, listed, shared_with, words_of
from timbral.errors import NotFound
from timbral.recommender.release.view import TrackFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from timbral.api.answers.listening import Flags
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
    why = _reasons(seed)
    tracks = [Recommended(card, score, why(card, shared), own) for card, score, shared, own in shown]
    return SimilarTracks(seed, tuple(tracks), len(ranking.rows) > offset + limit)


def similar_to_each(
    view: ReleaseView,
    profile: ListenerProfile | None,
    seeds: Sequence[TrackCard],
    limit: int,
    wanted: TrackFilter = EVERYTHING,
) -> list[list[Recommended]]:
    """Answer what is like each of several tracks; what is shown of all is looked up at once.

    Args:
        view: The release.
        profile: Who asks, or None for a newcomer.
        seeds: The tracks.
        limit: Tracks to return for each at most.
        wanted: Which tracks count.
    """
    known = spelled_as_known(view.columns(), wanted)
    if known is None:
        return [[] for _ in seeds]
    near = nearest_to_each(view, [seed.row for seed in seeds], known)
    found = [_ranked(view, profile, seed.row, known, near=own) for seed, own in zip(seeds, near, strict=True)]
    heads = [
        (rows[at.rows[:limit]], together[at.rows[:limit]], at.scores[:limit]) for rows, together, at in found
    ]
    cards = iter(view.cards([row for rows, _, _ in heads for row in rows.tolist()]))
    answers = []
    for seed, (rows, together, scores) in zip(seeds, heads, strict=True):
        why = _reasons(seed)
        shown = zip(
            [next(cards) for _ in rows],
            scores.tolist(),
            together.tolist(),
            in_library(profile, rows),
            strict=True,
        )
        answers.append(
            [Recommended(card, score, why(card, shared), own) for card, score, shared, own in shown]
        )
    return answers


def nearest_to_each(
    view: ReleaseView, rows: Sequence[int], wanted: TrackFilter = EVERYTHING
) -> list[tuple[Rows, Floats]]:
    """Return what lies nearest to each of several tracks, with one question to the index for them all.

    What is near to any of them holds what is nearest to each.

    Args:
        view: The release.
        rows: The tracks.
        wanted: Which tracks count.

    Returns:
        For each its nearest rows, nearest first, and their cosines.
    """
    vectors = view.vectors(rows)
    pool = view.nearest_many(vectors, DEPTH + 1, wanted)
    cosines = vectors @ view.vectors(pool).T
    heads = (top(pool, own, DEPTH + 1) for own in cosines)
    return [(ranking.rows, ranking.scores) for ranking in heads]


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
    disliked = profile.disliked if profile is not None else []
    if disliked:
        wanted_at = np.flatnonzero(~np.isin(rows, disliked))
        return rows, together, top(wanted_at, scores[wanted_at], DEPTH)
    return rows, together, top(np.arange(len(rows)), scores, DEPTH)


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
    is_linked, places, is_extra = _meet(near, linked, best(shares, CO_DEPTH))
    extra = linked[is_extra]
    rows = np.concatenate([near, extra])
    likeness = np.concatenate([cosines, view.vectors(extra) @ vector]) if len(extra) else cosines
    together = np.zeros(len(rows), np.float32)
    together[np.flatnonzero(is_linked)] = shares[places]
    together[len(near) :] = shares[is_extra]
    others = rows != row
    return rows[others], likeness[others], together[others]


def _meet(near: Rows, linked: Rows, wanted: Rows) -> tuple[Flags, Rows, Flags]:
    """Find rows of one list in another.

    Args:
        near: ``(m,)`` rows.
        linked: ``(k,)`` rows, each once.
        wanted: Places in `linked` of those that are wanted though they aren't near.

    Returns:
        ``(m,)`` which of `near` are linked, where those stand in `linked`, and ``(k,)`` which of `linked`
        are wanted and not near.
    """
    is_extra = np.zeros(len(linked), np.bool_)
    is_extra[wanted] = True
    if not len(linked):
        return np.zeros(len(near), np.bool_), wanted, is_extra
    order = np.argsort(linked)
    places = order[np.minimum(np.searchsorted(linked, near, sorter=order), len(linked) - 1)]
    is_linked = linked[places] == near
    is_extra[places[is_linked]] = False
    return is_linked, places[is_linked], is_extra


def _reasons(seed: TrackCard) -> Callable[[TrackCard, float], Why]:
    """Return what says why a track is like another; each reason is worded once."""
    spoken = words_of([seed])
    worded: dict[tuple[tuple[str, ...], bool], Why] = {}

    def why(card: TrackCard, together: float) -> Why:
        reason = shared_with(card, spoken), together >= CO_NOTABLE
        if reason not in worded:
            worded[reason] = _why(seed, *reason)
        return worded[reason]

    return why


def _why(seed: TrackCard, words: tuple[str, ...], is_played_too: bool) -> Why:
    parts = []
    if is_played_too:
        parts.append(f"people who play “{seed.title}” play it too")
    if words:
        parts.append(f"both are {listed(words)}")
    if not parts:
        parts.append(f"it lies close to “{seed.title}”")
    text = " and ".join(parts)
    return Why("similar_to_track", f"{text[0].upper()}{text[1:]}.", (seed,), words)
