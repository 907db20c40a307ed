"""Free text to tracks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timbral.api.answers.conditions import spelled_as_known
from timbral.api.answers.listening import listen
from timbral.api.answers.reasons import MAX_TAGS_COUNT, Recommended, Why, in_library, listed
from timbral.api.answers.rereading import reread
from timbral.api.answers.spreading import SPREAD_CAP, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.api.asking import Relevance
    from timbral.recommender.release.view import (
        Floats,
        ListenerProfile,
        ReleaseView,
        Rows,
        TrackCard,
        TrackFilter,
    )

DEPTH = 200
RERANKED_COUNT = 100
OWN_SHARE = 0.3
"""How much a track's standing with the listener may add, as a part of what the best match has: a name that
was meant stays before all else."""
LONG_WORD = 5
LACKING_COUNT = 3


@dataclass(frozen=True)
class FoundTracks:
    """A page of what was found.

    Attributes:
        tracks: Best first.
        did_you_mean: A known name that the text most likely misspells, if any.
        has_more: Whether there is a next page.
    """

    tracks: tuple[Recommended, ...]
    did_you_mean: str | None
    has_more: bool


def lacking(tracks: Sequence[Recommended]) -> list[tuple[str, str]]:
    """Return artist and album of the best hits that nobody has called anything yet.

    Args:
        tracks: What was found, best first; of the `LACKING_COUNT` best those count that name their album.
    """
    best = [one.card for one in tracks[:LACKING_COUNT]]
    return list(dict.fromkeys((card.artist, card.album) for card in best if card.album and not card.tags))


def search_tracks(
    view: ReleaseView,
    profile: ListenerProfile | None,
    text: str,
    wanted: TrackFilter,
    *,
    offset: int,
    limit: int,
    rerank: bool = False,
    reader: Relevance | None = None,
) -> FoundTracks:
    """Answer a free text, as far as `DEPTH` reaches.

    Args:
        view: The release.
        profile: Who asks, or None for a newcomer.
        text: What they wrote, not blank.
        wanted: Which tracks count.
        offset: Tracks to pass over.
        limit: Tracks to return at most.
        rerank: Whether the best `RERANKED_COUNT` are put in order anew.
        reader: What puts them in order by how they answer the text; if None it is what the listener likes,
            and for a newcomer they stay as they are.
    """
    suggestion = suggested(view, text)
    known = spelled_as_known(view.columns(), wanted)
    if known is None:
        return FoundTracks((), suggestion, has_more=False)
    rows, scores = view.search(text, DEPTH, known)
    if rerank and reader is not None:
        # Whoever pays for reading wants that order and no other.
        rows, scores = reread(view, text, (rows, scores), reader, RERANKED_COUNT)
    else:
        if rerank and profile is not None:
            rows, scores = reranked(rows, scores, listen(view, profile).appeal[rows])
        rows, scores = _without_crowds(view, text, rows, scores)
    page = rows[offset : offset + limit]
    shown = zip(
        view.cards(page.tolist()),
        scores[offset : offset + limit].tolist(),
        in_library(profile, page),
        strict=True,
    )
    tracks = tuple(Recommended(card, score, _why(text, card, suggestion), own) for card, score, own in shown)
    return FoundTracks(tracks, suggestion, len(rows) > offset + limit)


def suggested(view: ReleaseView, text: str) -> str | None:
    """Return the known name that a text most likely misspells, if it isn't that name itself."""
    suggestion = view.suggest(text)
    is_the_text = suggestion is not None and suggestion.casefold() == text.strip().casefold()
    return None if is_the_text else suggestion


def _without_crowds(view: ReleaseView, text: str, rows: Rows, scores: Floats) -> tuple[Rows, Floats]:
    """Spread the best of what was found; a track that waits has the score of those it waits for at most."""
    head = rows[:RERANKED_COUNT]
    artists = view.columns().artist_codes[head].tolist()
    order = np.fromiter(spread(artists, _asked_for(view, text, head)), np.int64)
    behind = scores[RERANKED_COUNT:]
    return (
        np.concatenate([head[order], rows[RERANKED_COUNT:]]),
        np.minimum.accumulate(np.concatenate([scores[order], behind])),
    )


def _asked_for(view: ReleaseView, text: str, rows: Rows) -> set[int]:
    """Return the artists with several tracks among what was found that the text mentions, or nearly."""
    asked = text.casefold()
    codes, firsts, counts = np.unique(
        view.columns().artist_codes[rows], return_index=True, return_counts=True
    )
    often = counts > SPREAD_CAP
    cards = view.cards(rows[firsts[often]].tolist())
    return {
        code
        for code, card in zip(codes[often].tolist(), cards, strict=True)
        if _mentions(asked, card.artist, LONG_WORD)
    }


def reranked(rows: Rows, scores: Floats, liking: Floats) -> tuple[Rows, Floats]:
    """Put the best of what was found in the order that suits the listener, too; the rest stays behind them.

    Args:
        rows: ``(n,)`` what was found, best first.
        scores: ``(n,)`` how well each matches, above 0.
        liking: ``(n,)`` how well each suits the listener; only its order counts.

    Returns:
        Rows and scores, best first.
    """
    count = min(len(rows), RERANKED_COUNT)
    if count == 0:
        return rows, scores
    standing = np.argsort(np.argsort(liking[:count], kind="stable"), kind="stable") / max(count - 1, 1)
    blended = scores[:count] + OWN_SHARE * scores[0] * standing.astype(np.float32)
    order = np.argsort(-blended, kind="stable")
    behind = np.minimum(scores[count:], blended[order[-1]])
    return np.concatenate([rows[order], rows[count:]]), np.concatenate([blended[order], behind])


def _why(text: str, card: TrackCard, suggestion: str | None = None) -> Why:
    """Say which of a track's names and words the text mentions or misspells; else it was found by meaning."""
    asked = text.casefold()
    names = (("title", card.title), ("artist", card.artist), ("album", card.album or ""))
    named = [f"the {what} “{name}”" for what, name in names if _mentions(asked, name, LONG_WORD)]
    bearing = dict.fromkeys((*card.genres, *card.tags, *card.moods))
    tags = tuple(word for word in bearing if _mentions(asked, word))[:MAX_TAGS_COUNT]
    if not named and suggestion in {card.title, card.artist}:
        return Why("search_words", f"Matches “{suggestion}”, if that is what you meant.")
    if not named and not tags:
        return Why("search_meaning", "Close in meaning to what you wrote.")
    if tags:
        named.append(f"the word{'s' if len(tags) > 1 else ''} {listed(tags)}")
    return Why("search_words", f"Matches {listed(named)}.", (), tags)


def _mentions(asked: str, name: str, telling: int | None = None) -> bool:
    """Return whether a text has all words of a name, or one that is long enough to tell.

    Scripts that set no spaces are looked for within the text.
    """
    words, own = set(asked.split()), set(name.casefold().split())
    if own and own <= words:
        return True
    if telling is not None and any(len(word) >= telling for word in own & words):
        return True
    return bool(name) and not name.isascii() and name.casefold() in asked
