"""What is like one track: near in the track-vector space, and played by the same people."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from timbral.api.answers.conditions import matching, spelled_as_known
from timbral.api.answers.ranking import top
from timbral.api.answers.reasons import Recommended, Why, in_library, listed, shared_with, words_of
from timbral.api.answers.spreading import spread
from timbral.errors import NotFound
from timbral.recommender.release.view import TrackFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from timbral.recommender.release.view import Floats, ListenerProfile, ReleaseView, Rows, TrackCard

DEPTH = 200
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
    vector = view.vectors([row])[0]
    near = view.near(vector, DEPTH + 1, known)
    found = _ranked(view, profile, _Seed(row, vector), known, near)
    page = _spread(view, found, offset + limit).part(offset, offset + limit)
    seed, *cards = view.cards([row, *page.rows.tolist()])
    return SimilarTracks(seed, _shown(seed, page, cards, profile), len(found.rows) > offset + limit)


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
    rows = [seed.row for seed in seeds]
    places = map(_Seed, rows, view.vectors(rows))
    near = nearest_to_each(view, rows, known)
    found = [
        _spread(view, _ranked(view, profile, place, known, own), limit)
        for place, own in zip(places, near, strict=True)
    ]
    cards = iter(view.cards([row for page in found for row in page.rows.tolist()]))
    return [
        list(_shown(seed, page, [next(cards) for _ in page.rows], profile))
        for seed, page in zip(seeds, found, strict=True)
    ]


def nearest_to_each(view: ReleaseView, rows: Sequence[int], wanted: TrackFilter = EVERYTHING) -> list[Rows]:
    """Return what lies nearest to each of several tracks, with one question to the index for them all.

    What is near to any of them holds what is nearest to each.

    Args:
        view: The release.
        rows: The tracks.
        wanted: Which tracks count.

    Returns:
        For each its nearest rows, nearest first.
    """
    vectors = view.vectors(rows)
    pool = view.nearest_many(vectors, DEPTH + 1, wanted)
    cosines = vectors @ view.vectors(pool).T
    return [top(pool, own, DEPTH + 1).rows for own in cosines]


class _Seed(NamedTuple):
    """A track asked about: its row, and ``(256,)`` its track vector."""

    row: int
    vector: Floats


class _Likeness(NamedTuple):
    """What is like a track, most like it first.

    Attributes:
        rows: ``(m,)``.
        scores: ``(m,)`` as `blend` gives them.
        together: ``(m,)`` co-listening, 0..1.
    """

    rows: Rows
    scores: Floats
    together: Floats

    def part(self, start: int, end: int) -> _Likeness:
        """Return a page of it."""
        return _Likeness(self.rows[start:end], self.scores[start:end], self.together[start:end])


def _shown(
    seed: TrackCard, page: _Likeness, cards: Sequence[TrackCard], profile: ListenerProfile | None
) -> tuple[Recommended, ...]:
    """Say of each track of a page why it is there."""
    why = _reasons(seed)
    told = zip(
        cards, page.scores.tolist(), page.together.tolist(), in_library(profile, page.rows), strict=True
    )
    return tuple(Recommended(card, score, why(card, together), own) for card, score, together, own in told)


def _ranked(
    view: ReleaseView, profile: ListenerProfile | None, seed: _Seed, wanted: TrackFilter, near: Rows
) -> _Likeness:
    """Rank what is near to a track, and what is played with it, as far as `DEPTH` reaches."""
    rows, together = _candidates(view, seed.row, near, wanted)
    scores = blend(np.vecdot(view.vectors(rows), seed.vector), together)
    order = np.argsort(-scores, kind="stable")
    if profile is not None and profile.disliked:
        order = order[~np.isin(rows[order], profile.disliked)]
    order = order[:DEPTH]
    return _Likeness(rows[order], scores[order], together[order])


def blend(cosines: Floats, together: Floats) -> Floats:
    """Blend likeness with co-listening; where nobody is known to play both, likeness decides alone.

    Args:
        cosines: ``(m,)`` -1..1.
        together: ``(m,)`` co-listening, 0..1.

    Returns:
        ``(m,)``, at most 1.
    """
    return ((1 - CO_WEIGHT) * cosines + CO_WEIGHT * together).astype(np.float32, copy=False)


def _spread(view: ReleaseView, found: _Likeness, count: int) -> _Likeness:
    """Spread the first of what is like a track; what waits has the score of what it waits for at most."""
    artists = view.columns().artist_codes[found.rows].tolist()
    order = np.fromiter(islice(spread(artists), count), np.int64)
    return _Likeness(found.rows[order], np.minimum.accumulate(found.scores[order]), found.together[order])


def _candidates(view: ReleaseView, row: int, near: Rows, wanted: TrackFilter) -> tuple[Rows, Floats]:
    """Gather what is near and what is played together, each once, and how much it is played together.

    Their order is the same each time.
    """
    linked, shares = view.companions(row)
    if wanted != EVERYTHING:
        meeting = matching(view.columns(), wanted)[linked]
        linked, shares = linked[meeting], shares[meeting]
    # Both are short: to compare each with each is quicker than sorting.
    is_there = (linked[:, None] == near).any(axis=0) | (near == row)
    alone = np.sort(near[~is_there])
    return np.concatenate([linked, alone]), np.concatenate([shares, np.zeros(len(alone), np.float32)])


def _reasons(seed: TrackCard) -> Callable[[TrackCard, float], Why]:
    """Return what says why a track is like another; each reason is worded once."""
    spoken = words_of([seed])
    worded: dict[tuple[tuple[str, ...], bool], Why] = {}

    def why(card: TrackCard, together: float) -> Why:
        reason = shared_with(card, spoken), together >= CO_NOTABLE
        found = worded.get(reason)
        if found is None:
            found = worded[reason] = _why(seed, *reason)
        return found

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
