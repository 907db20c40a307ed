"""What can be searched for, and queries whose answers are known: hidden tags and misspelt names."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from timbral.recommender.release.names import folded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from timbral.sample.catalogue import CatalogueTrack

LEAST_BEARERS = 5
MOST_BEARERS_SHARE = 0.25
"""A tag that fewer bear says little of a search; one that more bear is found by any."""
ONE_EDIT_FROM, TWO_EDITS_FROM = 5, 8
"""Letters that a name must have to be misspelt by one or two edits and still be told."""
_LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz"))


@dataclass(frozen=True)
class SearchItem:
    """What can be searched for.

    Attributes:
        title: Its title; empty for an artist.
        artist: Its artist.
        album: Its album, if known.
        genres: The main one first.
        tags: The heaviest first.
        tag_shares: Their weights, any scale, as many as tags.
        moods: Its moods.
        description: Its album in prose, if known.
    """

    title: str
    artist: str
    album: str | None = None
    genres: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tag_shares: tuple[float, ...] = ()
    moods: tuple[str, ...] = ()
    description: str | None = None

    def labels(self) -> set[str]:
        """Return everything it is called, folded."""
        return {folded(label) for label in (*self.genres, *self.tags, *self.moods)}

    def without(self, hidden: Collection[str]) -> SearchItem:
        """Return the same item as it would be known had nobody used these (folded) labels."""
        pairs = [
            pair for pair in zip(self.tags, self.tag_shares, strict=True) if folded(pair[0]) not in hidden
        ]
        return replace(
            self,
            genres=tuple(genre for genre in self.genres if folded(genre) not in hidden),
            tags=tuple(tag for tag, _ in pairs),
            tag_shares=tuple(share for _, share in pairs),
            moods=tuple(mood for mood in self.moods if folded(mood) not in hidden),
        )


@dataclass(frozen=True)
class Query:
    """A text and what it should find.

    Attributes:
        text: What is typed.
        relevant: Places of the items that should be found.
    """

    text: str
    relevant: tuple[int, ...]


def items_of_catalogue(tracks: Iterable[CatalogueTrack]) -> list[SearchItem]:
    """Take the tracks of the sample catalogue as items; their tags weigh alike."""
    return [
        SearchItem(
            track.title,
            track.artist,
            track.album,
            track.genres,
            track.tags,
            (1.0,) * len(track.tags),
            track.moods,
            track.album_description,
        )
        for track in tracks
    ]


def tag_queries(items: Sequence[SearchItem], most: int, seed: int) -> list[Query]:
    """Draw labels to hide and to ask for.

    Args:
        items: What can be searched for.
        most: How many queries at most.
        seed: Of the draw.

    Returns:
        Queries in the order drawn; each finds the items that bear it.
    """
    bearers: dict[str, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        for label in item.labels():
            bearers[label].append(place)
    most_bearers = max(LEAST_BEARERS, MOST_BEARERS_SHARE * len(items))
    fit = sorted(label for label, own in bearers.items() if LEAST_BEARERS <= len(own) <= most_bearers)
    drawn = np.random.default_rng(seed).permutation(len(fit))[:most]
    return [Query(fit[at], tuple(bearers[fit[at]])) for at in drawn]


def name_queries(items: Sequence[SearchItem], edits: int, most: int, seed: int) -> list[Query]:
    """Draw items and misspell their names: the artist alone, the title alone, and both, in turn.

    Args:
        items: What can be searched for.
        edits: How many letters are wrong, 0 to 2.
        most: How many queries at most.
        seed: Of the draw.

    Returns:
        Queries in the order drawn; each finds all items of that name.
    """
    random = np.random.default_rng([seed, edits])
    least = (1, ONE_EDIT_FROM, TWO_EDITS_FROM)[edits]
    by_name: dict[str, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        for name in {item.artist, item.title, f"{item.title} {item.artist}"}:
            by_name[folded(name)].append(place)
    queries: dict[str, Query] = {}
    for turn, place in enumerate(random.permutation(len(items)).tolist()):
        item = items[place]
        name = folded((item.artist, item.title, f"{item.title} {item.artist}")[turn % 3] or item.artist)
        if len(name) >= least and name not in queries and len(queries) < most:
            queries[name] = Query(misspelt(name, edits, random), tuple(by_name[name]))
    return list(queries.values())


def misspelt(name: str, edits: int, random: np.random.Generator) -> str:
    """Swap, drop, double or replace as many letters of a name.

    Args:
        name: Of two letters at least.
        edits: How many.
        random: What they are drawn from.
    """
    letters = list(name)
    for _ in range(edits):
        at = int(random.integers(0, len(letters) - 1))
        kind = int(random.integers(0, 4))
        if kind == 0:
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        elif kind == 1:
            del letters[at]
        elif kind == 2:  # noqa: PLR2004  four kinds of slips
            letters.insert(at, letters[at])
        else:
            letters[at] = str(random.choice(_LETTERS))
    return "".join(letters)
