"""The carousels that are several rows of tracks: Genre Mixes, Mood Mixes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from timbral.api.answers.listening import genre_plays
from timbral.api.answers.ranking import Ranking, top, warm
from timbral.api.answers.shelves import DEPTH, WARMTH, Shelf, always, mixed, mood_leaning
from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from datetime import date

    from timbral.api.answers.listening import Listening
    from timbral.recommender.release.view import ReleaseView

MIXES_COUNT = 4


def genre_mixes(
    view: ReleaseView, listening: Listening, listener_id: str, day: date, discovery: float
) -> list[Shelf]:
    """Make a mix for each of the genres that they play most, other ones on other days."""
    del view
    columns = listening.columns
    plays = genre_plays(columns, listening.plays if listening.profile else columns.popularity)
    genres = list(plays)[: 2 * MIXES_COUNT]
    weights = np.sqrt(np.array([plays[genre] for genre in genres]) / max(plays.values(), default=1))
    drawn = warm(Ranking(np.arange(len(genres)), weights), day, listener_id, "genres", amount=WARMTH)
    scores = mixed(listening, discovery)
    lead = "a genre that you play." if listening.profile else "a genre that many play."
    shelves = []
    for genre in [genres[at] for at in drawn.rows[:MIXES_COUNT]]:
        rows = columns.genre_codes[genre]
        ranking = warm(top(rows, scores[rows], DEPTH), day, listener_id, "genre", genre, amount=WARMTH)
        shelves.append(Shelf("genre_mixes", genre, ranking, always(f"Filed under {genre}, {lead}")))
    return shelves


def mood_mixes(
    view: ReleaseView, listening: Listening, listener_id: str, day: date, discovery: float
) -> list[Shelf]:
    """Make a mix for each of the moods that stand out in what they play."""
    del view
    columns = listening.columns
    moods = top(np.arange(len(MOODS)), mood_leaning(listening), len(MOODS))
    drawn = warm(moods, day, listener_id, "moods", amount=WARMTH / 2)
    scores = mixed(listening, discovery)
    shelves = []
    for at in drawn.rows[:MIXES_COUNT].tolist():
        mood = MOODS[at]
        rows = np.flatnonzero(columns.mood_flags[:, at])
        fitting = (scores[rows] + columns.mood_shares[rows, at]) / 2
        ranking = warm(top(rows, fitting, DEPTH), day, listener_id, "mood", mood, amount=WARMTH)
        shelves.append(Shelf("mood_mixes", mood.capitalize(), ranking, always(f"For a {mood} mood.")))
    return shelves
