"""Filters: from what a caller wrote to what a release knows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from timbral.api.answers.listening import Flags
    from timbral.recommender.release.view import TrackColumns, TrackFilter


def spelled_as_known(columns: TrackColumns, wanted: TrackFilter) -> TrackFilter | None:
    """Spell a filter's genres as the release does; only such spellings ever reach an index.

    Returns:
        The filter, or None if it names genres and the release has none of them: nothing can match.
    """
    if not wanted.genres:
        return wanted
    known = {genre.casefold(): genre for genre in columns.genre_codes}
    genres = [known[genre.casefold()] for genre in wanted.genres if genre.casefold() in known]
    return replace(wanted, genres=tuple(dict.fromkeys(genres))) if genres else None


def matching(columns: TrackColumns, wanted: TrackFilter) -> Flags:
    """Return ``(n,)`` which tracks meet all conditions; an unknown year meets no condition on years."""
    meets = np.ones(len(columns.years), np.bool_)
    if wanted.genres:
        meets &= bearing_genres(columns, wanted.genres)
    if wanted.moods:
        meets &= columns.mood_flags[:, [MOODS.index(mood) for mood in wanted.moods]].any(axis=1)
    if wanted.year_from is not None:
        meets &= columns.years >= max(wanted.year_from, 1)
    if wanted.year_to is not None:
        meets &= (columns.years > 0) & (columns.years <= wanted.year_to)
    return meets


def bearing_genres(columns: TrackColumns, genres: tuple[str, ...]) -> Flags:
    """Return ``(n,)`` which tracks are of any of these genres, in any spelling of case."""
    wanted = {genre.casefold() for genre in genres}
    bearing = np.zeros(len(columns.years), np.bool_)
    for genre, rows in columns.genre_codes.items():
        if genre.casefold() in wanted:
            bearing[rows] = True
    return bearing
