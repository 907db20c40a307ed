"""Cold start: genres to pick from, and what the picks lead to at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timbral.api.answers.listening import lifted, unheard_appeal
from timbral.api.answers.ranking import Ranking, take, top
from timbral.api.answers.reasons import Recommended, because, call_witnesses
from timbral.errors import InvalidRequest
from timbral.recommender.models.diversity import diversify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.recommender.release.view import ReleaseView, Rows, TrackCard

SAMPLE_DEPTH = 100
PICKED_GENRE_COUNT = 5
GENRE_WEIGHT = 0.5
FIRST_DEPTH = 240
FIRST_DIVERSITY = 0.3
FIRST_ARTIST_CAP = 2


@dataclass(frozen=True)
class GenreChoice:
    """A genre to pick.

    Attributes:
        genre: Its name.
        tracks_count: How many tracks the release has of it.
        samples: Well-known tracks of it that stand under no genre before it, by different artists
            as far as there are.
    """

    genre: str
    tracks_count: int
    samples: tuple[TrackCard, ...]


def genre_choices(view: ReleaseView, count: int, samples_count: int) -> list[GenreChoice]:
    """Offer the genres that most is played of, with samples that tell them apart.

    Args:
        view: The release.
        count: How many genres at most; one without a sample of its own is left out.
        samples_count: Samples a genre at most.
    """
    columns = view.columns()
    weight = {genre: float(columns.popularity[rows].sum()) for genre, rows in columns.genre_codes.items()}
    used: set[int] = set()
    sampled: list[tuple[str, Rows]] = []
    for genre in sorted(weight, key=lambda name: (-weight[name], name)):
        rows = _best_known(view, genre, used, samples_count)
        if len(rows):
            sampled.append((genre, rows))
        if len(sampled) == count:
            break
    cards = iter(view.cards([row for _, rows in sampled for row in rows.tolist()]))
    return [
        GenreChoice(genre, len(columns.genre_codes[genre]), tuple(next(cards) for _ in rows))
        for genre, rows in sampled
    ]


def first_tracks(
    view: ReleaseView, track_ids: Sequence[str], genres: Sequence[str], count: int
) -> list[Recommended]:
    """Recommend to somebody of whom nothing but picks is known, by folding the picks in.

    A genre stands for its best-known tracks, which count for less than a track picked by hand.

    Args:
        view: The release.
        track_ids: Tracks picked, none twice; at least one track or genre is.
        genres: Genres picked, in any spelling of case.
        count: How many tracks to recommend at most; a longer list begins as a shorter one does.

    Raises:
        InvalidRequest: The release doesn't have one of them.
    """
    picked = _picked_rows(view, track_ids)
    weights = dict.fromkeys(picked, 1.0)
    for row in _asked_for(view, genres):
        weights.setdefault(row, GENRE_WEIGHT)
    rows = np.array(sorted(weights), np.int64)
    factors, taste = view.fold_in(rows.tolist(), [weights[row] for row in rows.tolist()])
    known = np.zeros(view.tracks_count, np.bool_)
    known[picked] = True
    appeal = lifted(unheard_appeal(view.scores(factors, taste, rows), known), view.columns(), genres)
    open_rows = np.flatnonzero(~known)
    ranking = top(open_rows, appeal[open_rows], FIRST_DEPTH)
    vectors = view.vectors(ranking.rows.tolist())
    artists = view.columns().artist_codes[ranking.rows]
    chosen = diversify(
        ranking.scores,
        vectors,
        count,
        diversity=FIRST_DIVERSITY,
        artists=artists,
        per_artist=FIRST_ARTIST_CAP,
    )
    like = call_witnesses(view, rows).nearest_to(vectors[chosen])
    cards = view.cards(ranking.rows[chosen].tolist())
    return [
        Recommended(card, score, because("picked", "Close to what you picked.", card, near))
        for card, score, near in zip(cards, ranking.scores[chosen].tolist(), like, strict=True)
    ]


def _picked_rows(view: ReleaseView, track_ids: Sequence[str]) -> list[int]:
    rows: list[int] = view.rows(track_ids).tolist()
    for track_id, row in zip(track_ids, rows, strict=True):
        if row < 0:
            raise InvalidRequest(f"there is no track {track_id!r} in this release", "track_ids")
    return rows


def _asked_for(view: ReleaseView, genres: Sequence[str]) -> list[int]:
    known = {name.casefold() for name in view.columns().genre_codes}
    if any(genre.casefold() not in known for genre in genres):
        raise InvalidRequest("one of the genres is not in this release; GET /onboarding lists some", "genres")
    return standing_for(view, genres)


def standing_for(view: ReleaseView, genres: Sequence[str]) -> list[int]:
    """Return the best-known tracks of some genres, which stand for them; none of an unknown genre."""
    known = {name.casefold(): name for name in view.columns().genre_codes}
    rows: list[int] = []
    for genre in genres:
        if name := known.get(genre.casefold()):
            rows += _best_known(view, name, set(), PICKED_GENRE_COUNT).tolist()
    return rows


def _best_known(view: ReleaseView, genre: str, used: set[int], count: int) -> Rows:
    """Return well-known tracks of a genre by different artists, those first whose main genre it is."""
    columns = view.columns()
    rows = columns.genre_codes[genre]
    best = top(rows, columns.popularity[rows], SAMPLE_DEPTH)
    is_other = np.array([card.genres[0] != genre for card in view.cards(best.rows.tolist())], np.bool_)
    order = np.argsort(is_other, kind="stable")
    return take(Ranking(best.rows[order], best.scores[order]), columns.artist_codes, used, count, 1).rows
