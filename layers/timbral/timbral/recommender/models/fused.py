"""The model that is served: factors, likeness in content, co-listening and novelty in one score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from timbral.recommender.models.als import Als
from timbral.recommender.models.baselines import ContentOnly
from timbral.recommender.models.favourites import leanings, learn_newcomer_factors
from timbral.recommender.models.fusion import Blend, fuse, popularity_shares
from timbral.recommender.models.habits import with_habits
from timbral.recommender.models.interactions import heard, listeners_per_item
from timbral.recommender.models.neighbours import nearest_by_listeners, vote_matrix

if TYPE_CHECKING:
    from timbral.progress import Progress
    from timbral.recommender.models.content import Content
    from timbral.recommender.models.interactions import Csr, Floats, Interactions

# Inner holdouts of HetRec and Taste Profile, three seeds: beta 0.15 to 0.3 differ by less than seeds do,
# min-max beats z-scores, and gamma buys coverage (0.05: +0.007) with a little recall on HetRec (-0.002);
# delta 0.1 does well by newcomers and the sparse Taste Profile, from 0.2 on it costs HetRec accuracy.
TUNED = Blend(alpha=0.8, beta=0.2, gamma=0.0, delta=0.1)


class Fused:
    """Blends collaborative filtering with content, co-listening and popularity, as a release does.

    Args:
        als: May be shared with an evaluation of ALS alone, so that it is trained once.
        blend: The weights.
    """

    def __init__(self, als: Als | None = None, blend: Blend = TUNED) -> None:
        self.als = als or Als()
        self.blend = blend
        self._content: ContentOnly | None = None
        self._popularity: Floats
        self._votes: Csr
        self._newcomers: Floats

    def fit(self, train: Interactions, content: Content | None, progress: Progress) -> None:
        """Fit the parts; without content, its part is left out."""
        self.als.fit(train, content, progress)
        self._content = ContentOnly() if content is not None else None
        if self._content is not None:
            self._content.fit(train, content, progress)
        self._popularity = popularity_shares(listeners_per_item(train.plays))
        self._votes = vote_matrix(*nearest_by_listeners(train.plays))
        features = None if content is None else content.features
        factors, seed = self.als.factors, self.als.settings.seed
        self._newcomers = learn_newcomer_factors(train.plays, factors.listeners, features, seed)

    def score(self, plays: Csr) -> Floats:
        """Blend the parts' scores."""
        placed = self.als.place(plays) + leanings(self._newcomers, plays)
        cf = np.asarray(placed @ self.als.factors.items.T, dtype=np.float32)
        likeness = np.zeros_like(cf) if self._content is None else self._content.score(plays)
        together = np.asarray((heard(plays) @ self._votes).toarray())
        return fuse(cf, likeness, self._popularity, self.blend, together)

    def score_repeats(self, scores: Floats, plays: Csr, habits: Csr) -> Floats:
        """Put what they know where its habit puts it; see `models.habits`."""
        return with_habits(scores, heard(plays).toarray() > 0, habits.toarray())
