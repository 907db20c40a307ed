"""Free text to tracks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from timbral.api.answers.conditions import spelled_as_known
from timbral.api.answers.reasons import MAX_TAGS_COUNT, Recommended, Why, in_library, listed

if TYPE_CHECKING:
    from timbral.recommender.release.view import ListenerProfile, ReleaseView, TrackCard, TrackFilter

DEPTH = 200
LONG_WORD = 5


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


def search_tracks(
    view: ReleaseView,
    profile: ListenerProfile | None,
    text: str,
    wanted: TrackFilter,
    *,
    offset: int,
    limit: int,
) -> FoundTracks:
    """Answer a free text, as far as `DEPTH` reaches.

    Args:
        view: The release.
        profile: Who asks, or None for a newcomer.
        text: What they wrote, not blank.
        wanted: Which tracks count.
        offset: Tracks to pass over.
        limit: Tracks to return at most.
    """
    suggestion = view.suggest(text)
    if suggestion is not None and suggestion.casefold() == text.strip().casefold():
        suggestion = None
    known = spelled_as_known(view.columns(), wanted)
    if known is None:
        return FoundTracks((), suggestion, has_more=False)
    rows, scores = view.search(text, DEPTH, known)
    page = rows[offset : offset + limit]
    shown = zip(
        view.cards(page.tolist()),
        scores[offset : offset + limit].tolist(),
        in_library(profile, page),
        strict=True,
    )
    tracks = tuple(Recommended(card, score, _why(text, card), own) for card, score, own in shown)
    return FoundTracks(tracks, suggestion, len(rows) > offset + limit)


def _why(text: str, card: TrackCard) -> Why:
    """Say which of a track's names and words the text mentions; if none, it was found by meaning."""
    asked = text.casefold()
    names = (("title", card.title), ("artist", card.artist), ("album", card.album or ""))
    named = [f"the {what} “{name}”" for what, name in names if _mentions(asked, name, LONG_WORD)]
    bearing = dict.fromkeys((*card.genres, *card.tags, *card.moods))
    tags = tuple(word for word in bearing if _mentions(asked, word))[:MAX_TAGS_COUNT]
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
