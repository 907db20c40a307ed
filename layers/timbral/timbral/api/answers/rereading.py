"""The best of a search, each read together with what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from timbral.api.asking import Relevance
    from timbral.recommender.release.view import Floats, ReleaseView, Rows, TrackCard


def reread(
    view: ReleaseView, query: str, found: tuple[Rows, Floats], reader: Relevance, count: int
) -> tuple[Rows, Floats]:
    """Put the best of what was found in the order in which they answer the query; the rest stays behind them.

    Args:
        view: The release.
        query: What was asked for.
        found: ``(n,)`` rows, best first, and how well each matches, above 0.
        reader: What reads query and tracks together.
        count: How many are read; that many texts are what it costs.

    Returns:
        Rows and scores, best first; scores of those that were read are the reader's.
    """
    rows, scores = found
    best = rows[:count]
    read = reader.relevance(query, [card_text(card) for card in view.cards(best.tolist())])
    order = np.argsort(-read, kind="stable")
    behind = np.minimum(scores[count:], read.min(initial=1.0))
    return np.concatenate([best[order], rows[count:]]), np.concatenate([read[order], behind])


def card_text(card: TrackCard) -> str:
    """Say in words what a track is: names first, then what people call it."""
    album = f" ({card.album})" if card.album else ""
    labels = ", ".join(dict.fromkeys((*card.genres, *card.moods, *card.tags)))
    return f"{card.title} by {card.artist}{album}. {labels}".strip()
