"""What is like one track: near in the track-vector space, and played by the same people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timbral.api.answers.conditions import matching, spelled_as_known
from timbral.api.answers.ranking import top
from timbral.api.answers.reasons import Recommended, Why, listed, shared_words
from timbral.errors import NotFound
from timbral.recommender.release.view import TrackFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.api.answers.ranking import Ranking
    from timbral.recommender.release.view import Floats, ListenerProfile, ReleaseView, Rows, TrackCard

DEPTH = 200
CO_DEPTH = 50
CO_WEIGHT = 0.4
CO_NOTABLE = 0.2


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
    seed = view.cards([row])[0]
    known = spelled_as_known(view.columns(), wanted)
    if known is None:
        return SimilarTracks(seed, (), has_more=False)
    rows, together, ranking = _ranked(view, profile, row, known)
    places = ranking.rows[offset : offset + limit]
    library = set() if profile is None else set(profile.library.tolist())
    tracks = [
        Recommended(card, score, _why(seed, card, float(together[place])), card.row in library)
        for card, score, place in zip(
            view.cards(rows[places].tolist()),
            ranking.scores[offset : offset + limit].tolist(),
            places.tolist(),
            strict=True,
        )
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
    library = set() if profile is None else set(profile.library.tolist())
    found = [_ranked(view, profile, seed.row, TrackFilter()) for seed in seeds]
    heads = [
        (rows[at.rows[:limit]], together[at.rows[:limit]], at.scores[:limit]) for rows, together, at in found
    ]
    cards = iter(view.cards([row for rows, _, _ in heads for row in rows.tolist()]))
    answers = []
    for seed, (rows, together, scores) in zip(seeds, heads, strict=True):
        shown = [next(cards) for _ in rows]
        answers.append(
            [
                Recommended(card, score, _why(seed, card, shared), card.row in library)
                for card, score, shared in zip(shown, scores.tolist(), together.tolist(), strict=True)
            ]
        )
    return answers


def _ranked(
    view: ReleaseView, profile: ListenerProfile | None, row: int, wanted: TrackFilter
) -> tuple[Rows, Floats, Ranking]:
    """Rank what is like one track: rows, co-listening, and a ranking of their places."""
    rows, cosines, together = _candidates(view, row, wanted)
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


def _candidates(view: ReleaseView, row: int, wanted: TrackFilter) -> tuple[Rows, Floats, Floats]:
    """Gather what is near and what is played together, without the track itself."""
    vector = view.vectors([row])[0]
    near, cosines = view.nearest(vector, DEPTH + 1, wanted)
    together = view.co_listened([row])
    linked = np.flatnonzero(together > 0)
    linked = linked[matching(view.columns(), wanted)[linked]]
    linked = top(linked, together[linked], CO_DEPTH).rows
    extra = linked[~np.isin(linked, near)]
    rows = np.concatenate([near, extra])
    likeness = np.concatenate([cosines, view.vectors(extra.tolist()) @ vector])
    others = rows != row
    return rows[others], likeness[others], together[rows[others]]


def _why(seed: TrackCard, card: TrackCard, together: float) -> Why:
    words = shared_words(card, [seed])
    parts = []
    if together >= CO_NOTABLE:
        parts.append(f"people who play “{seed.title}” play it too")
    if words:
        parts.append(f"both are {listed(words)}")
    if not parts:
        parts.append(f"it lies close to “{seed.title}”")
    text = " and ".join(parts)
    return Why("similar_to_track", f"{text[0].upper()}{text[1:]}.", (seed,), words)
