"""The carousels that are several rows of tracks: Genre Mixes, Mood Mixes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from timbral.api.answers.ranking import Ranking, best, top
from timbral.api.answers.shelves import DEPTH, WARMTH, Shelf, always, mood_leaning
from timbral.api.answers.standing import standing
from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from timbral.api.answers.shelves import Occasion

MIXES_COUNT = 4
MOOD_POOL = 5_000


def genre_mixes(now: Occasion) -> list[Shelf]:
    """Make a mix for each of the genres that they play most, other ones on other days."""
    listening, columns = now.listening, now.listening.columns
    rows = listening.profile.rows if listening.profile else np.arange(now.view.tracks_count)
    weights = listening.leaning if listening.profile else columns.popularity
    plays = standing(columns).genre_plays(rows, weights[rows])
    genres = list(plays)[: 2 * MIXES_COUNT]
    shares = np.sqrt(np.array([plays[genre] for genre in genres]) / max(plays.values(), default=1))
    drawn = now.warmed(Ranking(np.arange(len(genres)), shares), "genres")
    lead = "a genre that you play." if listening.profile else "a genre that many play."
    shelves = []
    for genre in [genres[at] for at in drawn.rows[:MIXES_COUNT]]:
        rows = columns.genre_codes[genre]
        ranking = now.warmed(top(rows, now.either[rows], DEPTH), "genre", genre)
        shelves.append(Shelf("genre_mixes", genre, ranking, always(f"Filed under {genre}, {lead}")))
    return shelves


def mood_mixes(now: Occasion) -> list[Shelf]:
    """Make a mix for each of the moods that stand out in what they play, from what should please them."""
    listening, columns = now.listening, now.listening.columns
    moods = top(np.arange(len(MOODS)), mood_leaning(listening), len(MOODS))
    drawn = now.warmed(moods, "moods", amount=WARMTH / 2)
    pool = best(now.either, MOOD_POOL)
    shelves = []
    for at in drawn.rows[:MIXES_COUNT].tolist():
        mood = MOODS[at]
        rows = pool[columns.mood_flags[pool, at]]
        fitting = (now.either[rows] + columns.mood_shares[rows, at]) / 2
        ranking = now.warmed(top(rows, fitting, DEPTH), "mood", mood)
        shelves.append(
            Shelf("mood_mixes", mood.capitalize(), ranking, always(f"For {_article(mood)} {mood} mood."))
        )
    return shelves


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"
