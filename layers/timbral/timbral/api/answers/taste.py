"""What somebody likes, in figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timbral.api.answers.standing import standing
from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from timbral.api.answers.wishes import Window
    from timbral.recommender.release.view import (
        Floats,
        ListenerProfile,
        ReleaseView,
        Rows,
        TrackColumns,
    )

HOURS_COUNT = 24


@dataclass(frozen=True)
class Share:
    """One thing's part of the plays.

    Attributes:
        name: The genre, the artist or the mood.
        share: Its part, 0..1.
        plays_count: Its plays.
        id: The artist's identity; None for others.
    """

    name: str
    share: float
    plays_count: int
    id: str | None = None


@dataclass(frozen=True)
class TasteSummary:
    """What somebody likes within a window.

    Attributes:
        window: ``7d``, ``30d``, ``90d`` or ``all``.
        known: Whether the release knows the listener.
        plays_count: Plays in the window.
        tracks_count: Different tracks among them.
        genres: Most played first; a track counts for each of its genres.
        artists: Most played first.
        moods: Most played first; a track counts for each of its moods.
        mood_distribution: Each mood's part of the listening, by its probability; sums to 1 or is empty.
        mainstreaminess: Play-weighted mean popularity, 0..1; None without plays.
        discovery_rate: Part of the plays that were the first of their track, 0..1; None without plays.
        listening_clock: Each hour's part of all timed plays (UTC), 24 of them; empty if no play is timed.
        has_more: Whether one of the lists goes on.
    """

    window: Window
    known: bool
    plays_count: int = 0
    tracks_count: int = 0
    genres: tuple[Share, ...] = ()
    artists: tuple[Share, ...] = ()
    moods: tuple[Share, ...] = ()
    mood_distribution: dict[str, float] | None = None
    mainstreaminess: float | None = None
    discovery_rate: float | None = None
    listening_clock: tuple[float, ...] = ()
    has_more: bool = False


def taste_summary(
    view: ReleaseView, profile: ListenerProfile | None, window: Window, limit: int, offset: int = 0
) -> TasteSummary:
    """Sum up what a listener played.

    Args:
        view: The release.
        profile: The listener in it, or None for a newcomer.
        window: Which plays count; days are those before the store's newest play.
        limit: How many genres, artists and moods to list at most.
        offset: How many of each to pass over.
    """
    if profile is None:
        return TasteSummary(window, known=False)
    counts, hours = _within(profile, window)
    rows, plays = profile.rows[counts > 0], counts[counts > 0]
    if not len(rows):
        return TasteSummary(window, known=True, listening_clock=_clock(hours))
    columns = view.columns()
    span = slice(offset, offset + limit)
    genres = list(standing(columns).genre_plays(rows, plays).items())
    artists = _artists(columns, rows, plays)
    moods = _moods(columns, rows, plays)
    total = int(plays.sum())
    firsts_count = int((profile.plays[counts > 0] == plays).sum())
    return TasteSummary(
        window,
        known=True,
        plays_count=total,
        tracks_count=len(rows),
        genres=tuple(Share(name, count / total, int(count)) for name, count in genres[span]),
        artists=_named(view, artists[span], total),
        moods=tuple(Share(name, count / total, count) for name, count in moods[span]),
        mood_distribution=_mood_distribution(columns, rows, plays),
        mainstreaminess=float(np.average(columns.popularity[rows], weights=plays)),
        discovery_rate=firsts_count / total,
        listening_clock=_clock(hours),
        has_more=max(len(genres), len(artists), len(moods)) > span.stop,
    )


def _within(profile: ListenerProfile, window: Window) -> tuple[Rows, tuple[int, ...]]:
    """Return ``(n_played,)`` a window's plays, and its hours; a release of before has none for short ones."""
    plays, hours = {
        "7d": (profile.week_plays, profile.week_hour_counts),
        "30d": (profile.month_plays, profile.month_hour_counts),
        "90d": (profile.recent_plays, profile.recent_hour_counts),
        "all": (profile.plays, profile.hour_counts),
    }[window]
    return (np.asarray(plays) if len(plays) else np.zeros_like(profile.plays)), hours


def _artists(columns: TrackColumns, rows: Rows, plays: Rows) -> list[tuple[int, int]]:
    """Return a row of each artist and their plays, most played first."""
    codes, firsts, places = np.unique(columns.artist_codes[rows], return_index=True, return_inverse=True)
    counts = np.bincount(places, weights=plays, minlength=len(codes))
    best = np.argsort(-counts, kind="stable")
    return list(zip(rows[firsts[best]].tolist(), counts[best].astype(np.int64).tolist(), strict=True))


def _named(view: ReleaseView, artists: list[tuple[int, int]], total: int) -> tuple[Share, ...]:
    cards = view.cards([row for row, _ in artists])
    return tuple(
        Share(card.artist, count / total, count, card.artist_id)
        for card, (_, count) in zip(cards, artists, strict=True)
    )


def _moods(columns: TrackColumns, rows: Rows, plays: Rows) -> list[tuple[str, int]]:
    """Return each mood that was played and its plays, most played first."""
    counts = plays @ columns.mood_flags[rows].astype(np.int64)
    order = np.argsort(-counts, kind="stable").tolist()
    return [(MOODS[at], int(counts[at])) for at in order if counts[at]]


def _mood_distribution(columns: TrackColumns, rows: Rows, plays: Rows) -> dict[str, float] | None:
    weights: Floats = plays @ columns.mood_shares[rows]
    total = float(weights.sum())
    return dict(zip(MOODS, (weights / total).tolist(), strict=True)) if total > 0 else None


def _clock(hour_counts: tuple[int, ...]) -> tuple[float, ...]:
    total = sum(hour_counts)
    return tuple(count / total for count in hour_counts) if total and len(hour_counts) == HOURS_COUNT else ()
