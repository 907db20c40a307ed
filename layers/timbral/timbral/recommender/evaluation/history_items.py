"""The items of a history as texts: by their own tags, by their artist's, or by name alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from timbral.recommender.evaluation.search_queries import SearchItem

if TYPE_CHECKING:
    from timbral.raw.interactions import PlaysData


def items_of_history(data: PlaysData, artists: PlaysData | None = None) -> list[SearchItem]:
    """Describe every item of a history.

    Args:
        data: The history; its own tags, if it has any, go first.
        artists: A history of artists with tags, for items that have none of their own.

    Returns:
        As many as there are items, in their order.
    """
    own = _votes(data)
    by_artist: dict[str, Counter[str]] = {}
    if artists is not None:
        by_artist = {artists.item_ids[item].casefold(): votes for item, votes in _votes(artists).items()}
    described = []
    for item, key in enumerate(data.item_ids):
        artist = data.item_artists[item] or key
        votes = own.get(item) or by_artist.get(artist.casefold()) or Counter()
        tags = sorted(votes, key=lambda tag: (-votes[tag], tag))
        shares = tuple(votes[tag] / votes.total() for tag in tags)
        described.append(
            SearchItem(data.item_titles[item] or "", artist, tags=tuple(tags), tag_shares=shares)
        )
    return described


def _votes(data: PlaysData) -> dict[int, Counter[str]]:
    votes: dict[int, Counter[str]] = defaultdict(Counter)
    for item, tag, count in zip(
        data.tag_items.tolist(), data.tag_tags.tolist(), data.tag_votes.tolist(), strict=True
    ):
        votes[item][data.tags[tag]] += count
    return votes
