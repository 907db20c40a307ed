"""What of a release is the same for whoever asks: worked out once, at the first question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

if TYPE_CHECKING:
    from timbral.recommender.release.view import Floats, Rows, TrackColumns

NEW_YEARS = 3
NEW_S = 365 * 86_400
FULL_LIFT = 3


@dataclass(frozen=True)
class Standing:
    """How each track stands in its release.

    Attributes:
        newness: ``(n,)``, see `newness`.
        rise: ``(n,)``, see `rise`.
        talked_of: Rows of what is new or on the rise, ascending.
        usual_moods: ``(6,)`` how much of each mood the release holds.
        genres: Names of the genres, in order of their numbers.
        genre_starts: ``(n + 1,)`` where each track's genres begin in ``genre_numbers``.
        genre_numbers: Numbers of the genres, track by track.
    """

    newness: Floats
    rise: Floats
    talked_of: Rows
    usual_moods: Floats
    genres: tuple[str, ...]
    genre_starts: Rows
    genre_numbers: Rows

    def genre_plays(self, rows: Rows, plays: Floats | Rows) -> dict[str, float]:
        """Return the plays that each genre got, the most played first, ties by name; none without plays.

        Args:
            rows: ``(k,)`` tracks.
            plays: ``(k,)`` how often each was played.
        """
        starts, counts = self.genre_starts[rows], np.diff(self.genre_starts)[rows]
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        numbers = self.genre_numbers[np.repeat(starts, counts) + within]
        sums = np.bincount(numbers, weights=np.repeat(plays, counts), minlength=len(self.genres))
        played = {self.genres[number]: float(sums[number]) for number in np.flatnonzero(sums).tolist()}
        return {genre: played[genre] for genre in sorted(played, key=lambda name: (-played[name], name))}


_STANDINGS: WeakKeyDictionary[TrackColumns, Standing] = WeakKeyDictionary()


def standing(columns: TrackColumns) -> Standing:
    """Return how a release's tracks stand; kept for as long as the release is."""
    found = _STANDINGS.get(columns)
    if found is None:
        found = _STANDINGS[columns] = _work_out(columns)
    return found


def _work_out(columns: TrackColumns) -> Standing:
    new, rising = newness(columns), rise(columns)
    genres = tuple(columns.genre_codes)
    rows = np.concatenate([np.zeros(0, np.int64), *columns.genre_codes.values()])
    numbers = np.repeat(np.arange(len(genres)), [len(own) for own in columns.genre_codes.values()])
    counts = np.bincount(rows, minlength=len(columns.years))
    return Standing(
        newness=new,
        rise=rising,
        talked_of=np.flatnonzero(new + rising > 0),
        usual_moods=columns.mood_shares.mean(axis=0),
        genres=genres,
        genre_starts=np.concatenate([[0], np.cumsum(counts)]),
        genre_numbers=numbers[np.argsort(rows, kind="stable")],
    )


def newness(columns: TrackColumns) -> Floats:
    """Return ``(n,)`` how new each track is, 0..1: by its year, or by its first play if that is unknown."""
    dated = columns.years > 0
    ages = (columns.years.max(initial=0) - columns.years).astype(np.float32)
    by_year: Floats = np.clip(1 - ages / np.float32(NEW_YEARS), 0, 1)
    first = columns.first_played_uts
    if first is None:
        return np.where(dated, by_year, np.float32(0))
    rests = (first.max(initial=0) - first).astype(np.float32)
    by_play = np.where(first > 0, np.clip(1 - rests / np.float32(NEW_S), 0, 1), np.float32(0))
    newest: Floats = np.where(dated, by_year, by_play)
    return newest


def rise(columns: TrackColumns) -> Floats:
    """Return ``(n,)`` how much each track is on the rise, 0..1.

    A track rises when its share of recent plays exceeds the catalogue's; the logarithm of the
    plays keeps a single lucky play from counting as hype.
    """
    recent, plays = columns.recent_plays, columns.plays
    if recent is None or plays is None or not recent.sum():
        return np.zeros(len(columns.years), np.float32)
    recent, plays = recent.astype(np.float32), plays.astype(np.float32)
    usual = np.float32(recent.sum() / max(plays.sum(), 1))
    lift: Floats = (recent + 1) / (plays * usual + 1)
    heat: Floats = np.log1p(recent) / np.log1p(recent.max())
    risen: Floats = heat * np.clip((lift - 1) / np.float32(FULL_LIFT - 1), 0, 1)
    return risen
