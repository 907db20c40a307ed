"""What any better model must beat: popularity, item neighbours, and content alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from implicit.nearest_neighbours import ItemItemRecommender, bm25_weight, normalize

from timbral.errors import InvalidInput
from timbral.recommender.models.content import unit_rows
from timbral.recommender.models.interactions import heard, listeners_per_item

if TYPE_CHECKING:
    from timbral.progress import Progress
    from timbral.recommender.models.content import Content
    from timbral.recommender.models.interactions import Csr, Floats, Interactions

NEIGHBOURS_COUNT = 200
BM25_K1 = 1.2  # the textbook pair; set beside the other baselines, not tuned
BM25_B = 0.75


class Popularity:
    """Scores an item by how many listeners it has, for everyone alike."""

    def __init__(self) -> None:
        self._scores: Floats

    def fit(self, train: Interactions, content: Content | None, progress: Progress) -> None:  # noqa: ARG002 - see Scorer
        """Count listeners."""
        self._scores = listeners_per_item(train.plays).astype(np.float32)

    def score(self, plays: Csr) -> Floats:
        """Give everyone the same scores."""
        return np.tile(self._scores, (plays.shape[0], 1))


class ItemNeighbours:
    """Scores an item by the sum of its similarities to what a listener played.

    Args:
        similarity: ``cosine`` of the sets of listeners, or ``bm25`` of play counts.
        neighbours: How many most similar items each item keeps, itself among them.
    """

    def __init__(self, similarity: Literal["cosine", "bm25"], neighbours: int = NEIGHBOURS_COUNT) -> None:
        self._similarity = similarity
        self._model = ItemItemRecommender(K=neighbours)

    def fit(self, train: Interactions, content: Content | None, progress: Progress) -> None:  # noqa: ARG002 - see Scorer
        """Find each item's neighbours."""
        items = heard(train.plays)
        if self._similarity == "bm25":
            weighed = bm25_weight(items.multiply(train.plays).T.tocsr(), K1=BM25_K1, B=BM25_B)
        else:
            weighed = normalize(items.T.tocsr())
        self._model.fit(weighed.T.tocsr(), show_progress=False)

    def score(self, plays: Csr) -> Floats:
        """Sum up similarities."""
        return np.asarray((heard(plays) @ self._model.similarity).toarray(), dtype=np.float32)


class ContentOnly:
    """Scores an item by its cosine to the mean of what a listener played."""

    def __init__(self) -> None:
        self._features: Csr

    def fit(self, train: Interactions, content: Content | None, progress: Progress) -> None:  # noqa: ARG002 - see Scorer
        """Keep the features.

        Raises:
            InvalidInput: There is no content.
        """
        if content is None:
            raise InvalidInput("content alone needs content, and none is known of these items")
        self._features = content.features

    def score(self, plays: Csr) -> Floats:
        """Compare with everything."""
        taste = unit_rows(heard(plays) @ self._features)
        return np.asarray((taste @ self._features.T).toarray(), dtype=np.float32)
