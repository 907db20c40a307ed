"""Items that nobody has played yet: how well their factors are predicted from what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from timbral.errors import InvalidInput
from timbral.recommender.evaluation.intervals import bootstrap
from timbral.recommender.evaluation.metrics import HEAD, hits, ndcg, ranking
from timbral.recommender.models.als import AlsSettings, train_als
from timbral.recommender.models.cold_items import MIN_LISTENERS, ColdItems
from timbral.recommender.models.content import from_taggings, unit_rows
from timbral.recommender.models.fused import TUNED
from timbral.recommender.models.fusion import fuse
from timbral.recommender.models.interactions import entry_rows, heard, listeners_per_item, to_csr

if TYPE_CHECKING:
    from timbral.progress import Progress
    from timbral.recommender.models.content import Content
    from timbral.recommender.models.interactions import Csr, Floats, Indices, Interactions

HIDDEN_SHARE = 0.1
MIN_TAGGERS = 3


def measure_cold_items(
    interactions: Interactions, content: Content | None, seed: int, progress: Progress
) -> dict[str, Any]:
    """Hide all plays of a tenth of the tagged items with enough listeners, and rank these among themselves.

    Args:
        interactions: Who played what.
        content: With who tagged what.
        seed: Of the draw, the factors and the intervals.
        progress: Told of the work.

    Returns:
        ``{"all tags"|"without the listeners' own tags": {"ridge"|"centroid"|"blended": {"ndcg@10",
        "intervals"}}}``. A listener's own tags on a hidden item tell that they played it.

    Raises:
        InvalidInput: It isn't known who tagged what, or too few items are tagged.
    """
    if content is None or content.taggings is None:
        raise InvalidInput("cold items need a history that says who tagged what")
    plays = interactions.plays
    every_tag = from_taggings(content.taggings, plays.shape[1], min_taggers=1)
    tagged = np.flatnonzero(
        (listeners_per_item(plays) >= MIN_LISTENERS) & (np.diff(every_tag.features.indptr) > 0)
    )
    count = int(len(tagged) * HIDDEN_SHARE)
    if not count:
        raise InvalidInput(f"{len(tagged)} tagged items have {MIN_LISTENERS} listeners; ten are needed")
    cold = np.sort(np.random.default_rng(seed).choice(tagged, count, replace=False))
    train, test = _hide(plays, cold)
    factors = train_als(train, AlsSettings(seed=seed), progress)
    found: dict[str, Any] = {"items": count}
    for name, known in (
        ("all tags", every_tag),
        ("without the listeners' own tags", every_tag.without(test)),
    ):
        if known.taggings is None:
            continue
        features = from_taggings(known.taggings, plays.shape[1], min_taggers=MIN_TAGGERS).features
        model = ColdItems(features, factors.items, listeners_per_item(train))
        ridge = factors.listeners @ model.predict(features[cold]).T
        centroid = np.asarray((unit_rows(heard(train) @ features) @ features[cold].T).toarray())
        blended = fuse(ridge, centroid, np.zeros(count, dtype=np.float32), TUNED)
        scores = {"ridge": ridge, "centroid": centroid, "blended": blended}
        found[name] = {way: _quality(score, test[:, cold].tocsr(), seed) for way, score in scores.items()}
    return found


def _hide(plays: Csr, cold: Indices) -> tuple[Csr, Csr]:
    """Divide plays into those of other items and those of the hidden ones."""
    hidden = np.isin(plays.indices, cold)
    rows = entry_rows(plays)
    train, test = (
        to_csr(plays.data[part], rows[part], plays.indices[part], plays.shape) for part in (~hidden, hidden)
    )
    return train, test


def _quality(scores: Floats, relevant: Csr, seed: int) -> dict[str, Any]:
    counts = np.diff(relevant.indptr)
    asked = counts > 0
    ranked = ranking(np.asarray(scores[asked], dtype=np.float32), None, HEAD)
    values = ndcg(hits(ranked, relevant[asked]), counts[asked])
    low, high = bootstrap(values[:, np.newaxis], seed)[0]
    return {"ndcg@10": float(values.mean()), "intervals": {"ndcg@10": [float(low), float(high)]}}
