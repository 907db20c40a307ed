"""What items are like, as evaluation and cold items need it: features, artists, and who tagged what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from timbral.errors import InvalidInput
from timbral.recommender.models.interactions import Csr, Indices, to_csr

if TYPE_CHECKING:
    from timbral.recommender.models.interactions import Floats

MIN_TAGGERS = (
    5  # on inner holdouts of HetRec the blend is as good from 3 to 20; at 1 private notes drown taste
)


@dataclass(frozen=True)
class Taggings:
    """Who gave which tag to which item.

    Attributes:
        listeners: ``(n,)`` rows of the play matrix; -1 for someone who isn't in it.
        items: ``(n,)`` columns of the play matrix.
        tags: ``(n,)`` codes from 0.
    """

    listeners: Indices
    items: Indices
    tags: Indices


@dataclass(frozen=True)
class Content:
    """What is known of the items apart from who plays them.

    Attributes:
        features: ``(n_items, n_features)`` CSR, rows of length 1, or 0 where nothing is known.
        artists: ``(n_items,)`` a number per artist; None if every item is its own.
        taggings: What the features were made of, where it is known who gave the tags.
        min_taggers: With ``taggings``: how many people must use a tag for it to count.
    """

    features: Csr
    artists: Indices | None = None
    taggings: Taggings | None = None
    min_taggers: int = MIN_TAGGERS

    def without(self, hidden: Csr) -> Content:
        """Forget the tags that listeners gave to the very items hidden from them.

        A listener tags what they play, so their own tags on a test item would tell of it.

        Args:
            hidden: ``(n_listeners, n_items)`` the test part.
        """
        if self.taggings is None:
            return self
        tagged = self.taggings
        known = tagged.listeners >= 0
        own = np.zeros(len(known), dtype=bool)
        own[known] = np.asarray(hidden[tagged.listeners[known], tagged.items[known]]).ravel() != 0
        rest = Taggings(tagged.listeners[~own], tagged.items[~own], tagged.tags[~own])
        features = _tag_features(rest, self.features.shape, self.min_taggers)
        return replace(self, features=features, taggings=rest)


def from_taggings(
    taggings: Taggings, n_items: int, artists: Indices | None = None, min_taggers: int = MIN_TAGGERS
) -> Content:
    """Describe items by the tags that people gave them.

    Args:
        taggings: Who gave which tag to which item.
        n_items: Number of items.
        artists: ``(n_items,)`` a number per artist, if an item isn't an artist itself.
        min_taggers: How many people must use a tag for it to count: rarer ones are private notes.
    """
    shape = (n_items, int(taggings.tags.max(initial=-1)) + 1)
    return Content(_tag_features(taggings, shape, min_taggers), artists, taggings, min_taggers)


def from_vectors(vectors: Floats, artists: Indices | None = None) -> Content:
    """Describe items by dense vectors, ``(n_items, dimension)``; they are brought to length 1.

    Raises:
        InvalidInput: A vector isn't finite.
    """
    if not np.isfinite(vectors).all():
        raise InvalidInput("item vectors must be finite numbers")
    return Content(unit_rows(sparse.csr_matrix(vectors, dtype=np.float32)), artists)


def from_artists(artists: Indices) -> Content:
    """Describe items by their artist alone, ``(n_items,)`` a number per artist from 0."""
    rows = np.arange(len(artists))
    shape = (len(artists), int(artists.max(initial=-1)) + 1)
    return Content(to_csr(np.ones(len(artists), np.float32), rows, artists, shape), artists)


def tfidf(counts: Csr) -> Csr:
    """Weigh tag counts by how telling a tag is.

    Args:
        counts: ``(n_items, n_tags)`` how often an item got a tag; shares will do too.

    Returns:
        Same shape, ``log(1 + count) · (log((1 + items) / (1 + items with the tag)) + 1)``, rows of length 1.
    """
    carriers = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log((1 + counts.shape[0]) / (1 + carriers)) + 1
    weighed = counts.astype(np.float32)
    weighed.data = np.log1p(weighed.data) * rarity[counts.indices].astype(np.float32)
    return unit_rows(weighed)


def unit_rows(matrix: Csr) -> Csr:
    """Bring each row to length 1; empty rows stay empty."""
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.maximum(lengths, 1e-12)) @ matrix).tocsr().astype(np.float32)


def _tag_features(taggings: Taggings, shape: tuple[int, int], min_taggers: int) -> Csr:
    pairs = np.unique(np.stack([taggings.tags, taggings.listeners]), axis=1)
    taggers = np.bincount(pairs[0], minlength=shape[1])
    common = taggers[taggings.tags] >= min_taggers
    ones = np.ones(int(common.sum()), dtype=np.float32)
    return tfidf(to_csr(ones, taggings.items[common], taggings.tags[common], shape))
