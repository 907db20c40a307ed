"""One listener against one release, as arrays over its tracks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from timbral.recommender.release.view import (
        Floats,
        ListenerProfile,
        ReleaseView,
        Rows,
        TrackColumns,
    )

    Flags = NDArray[np.bool_]

FAMILIAR_FLOOR = 0.5
PICKED_SHARE = 0.4
"""How much of a track's appeal is whether it bears a genre that was picked, where picks are all there is."""


@dataclass(frozen=True)
class Listening:
    """What a listener's history says about each of the ``n`` tracks.

    Attributes:
        profile: What the release knows of them; None for a newcomer.
        columns: The release's small facts.
        plays: ``(n,)`` how often they played it.
        played: ``(n,)`` whether they ever did.
        leaning: ``(n,)`` what their taste is told from: the plays, or where there are none what they picked.
        artist_known: ``(n,)`` whether they ever played anything by its artist.
        appeal: ``(n,)`` how much it should please them, 0..1: the fused score where they haven't
            played it, how often they did where they have; popularity for a newcomer.
    """

    profile: ListenerProfile | None
    columns: TrackColumns
    plays: Floats
    played: Flags
    leaning: Floats
    artist_known: Flags
    appeal: Floats


def listen(view: ReleaseView, profile: ListenerProfile | None) -> Listening:
    """Spread what is known of a listener over the tracks, in one pass.

    Args:
        view: The release.
        profile: The listener in it, or None.
    """
    columns = view.columns()
    plays = np.zeros(view.tracks_count, np.float32)
    if profile is None or not len(profile.rows):
        unheard = np.zeros(view.tracks_count, np.bool_)
        return Listening(None, columns, plays, unheard, plays, unheard, columns.popularity)
    plays[profile.rows] = profile.plays
    played = plays > 0
    leaning = plays
    if not played.any():
        leaning = np.zeros_like(plays)
        leaning[profile.rows] = 1
    liked = profile.rows[~np.isin(profile.rows, profile.disliked)]
    scores = view.scores(profile.factors, profile.taste_vector, liked)
    appeal = lifted(unheard_appeal(scores, played), columns, profile.picked_genres)
    appeal[profile.rows] = familiar_appeal(plays[profile.rows])
    known = _known_artists(columns, profile.rows)
    return Listening(profile, columns, plays, played, leaning, known, appeal)


def unheard_appeal(scores: Floats, played: Flags) -> Floats:
    """Bring fused scores to 0..1 within one listener.

    Args:
        scores: ``(n,)`` fused scores; what isn't finite counts as worst.
        played: ``(n,)`` the tracks that don't count.

    Returns:
        ``(n,)``, unitless; 0 where played.
    """
    uncounted = np.flatnonzero(played | ~np.isfinite(scores))
    appeal = scores.astype(np.float32)
    appeal[uncounted] = np.inf
    worst = appeal.min(initial=np.inf)
    appeal[uncounted] = -np.inf
    best = appeal.max(initial=-np.inf)
    if worst > best:
        return np.zeros_like(appeal)
    appeal -= worst
    appeal /= max(best - worst, np.finfo(np.float32).tiny)
    appeal[uncounted] = 0
    return appeal


def lifted(appeal: Floats, columns: TrackColumns, genres: Sequence[str]) -> Floats:
    """Lift what bears one of the genres that somebody picked: few tracks stand for them, and say less.

    Args:
        appeal: ``(n,)`` 0..1.
        columns: The release's small facts.
        genres: Those picked, in any case; what the release doesn't have counts for nothing.

    Returns:
        ``(n,)``, 0..1; as it was without genres.
    """
    picked = {genre.casefold() for genre in genres}
    borne = [rows for genre, rows in columns.genre_codes.items() if genre.casefold() in picked]
    if not borne:
        return appeal
    raised = appeal * np.float32(1 - PICKED_SHARE)
    raised[np.unique(np.concatenate(borne))] += np.float32(PICKED_SHARE)
    return raised


def familiar_appeal(plays: Floats) -> Floats:
    """Turn play counts into 0.5..1: the first plays say the most.

    Args:
        plays: ``(n,)`` counts.

    Returns:
        ``(n,)``, unitless; `FAMILIAR_FLOOR` where there are no plays.
    """
    logs = np.log1p(plays)
    most = logs.max(initial=0)
    return (FAMILIAR_FLOOR + (1 - FAMILIAR_FLOOR) * logs / most if most else logs).astype(np.float32)


def favourites(profile: ListenerProfile | None, count: int) -> Rows:
    """Return the rows that a listener can be reminded of: the most played, recent plays counting double."""
    if profile is None:
        return np.empty(0, np.int64)
    order = np.argsort(-(profile.plays + profile.recent_plays), kind="stable")[:count]
    return profile.rows[order]


def _known_artists(columns: TrackColumns, rows: Rows) -> Flags:
    known = np.zeros(int(columns.artist_codes.max(initial=0)) + 1, np.bool_)
    known[columns.artist_codes[rows]] = True
    return known[columns.artist_codes]
