import numpy as np
import pytest
from scipy import sparse

from tests.recommender.planted import plant
from tests.recommender.realdata import hetrec
from timbral.errors import InvalidInput
from timbral.progress import Silent
from timbral.recommender.evaluation import metrics
from timbral.recommender.models.als import AlsSettings, train_als
from timbral.recommender.models.cold_items import ColdItems
from timbral.recommender.models.content import from_taggings, unit_rows
from timbral.recommender.models.fused import TUNED
from timbral.recommender.models.fusion import fuse
from timbral.recommender.models.interactions import entry_rows, heard, listeners_per_item, to_csr


def hide(plays, items):
    """Return the plays without those of some items, and these alone, ``(n_listeners, len(items))``."""
    hidden = np.isin(plays.indices, items)
    rows = entry_rows(plays)
    parts = (
        to_csr(plays.data[part], rows[part], plays.indices[part], plays.shape) for part in (~hidden, hidden)
    )
    return tuple(parts)


def ndcg_among(scores, relevant):
    counts = np.diff(relevant.indptr)
    asked = counts > 0
    hit = metrics.hits(metrics.ranking(scores[asked], None), relevant[asked])
    return metrics.ndcg(hit, counts[asked]).mean()


def test_an_unheard_item_goes_to_those_who_like_its_kind():
    planted = plant()
    cold = np.array([0, 20, 40, 50])
    train, test = hide(planted.interactions.plays, cold)
    factors = train_als(train, AlsSettings(factors=8, regularization=1.0), Silent())
    features = planted.content.features

    model = ColdItems(features, factors.items, listeners_per_item(train), ridge=0.1)
    scores = factors.listeners @ model.predict(features[cold]).T

    relevant = test[:, cold].toarray() > 0
    assert scores[relevant].mean() > scores[~relevant].mean() + 0.2
    assert ndcg_among(scores, test[:, cold].tocsr()) > 0.9


@pytest.mark.parametrize("n_features", [5, 80])
def test_few_features_and_many_give_the_solution_of_the_whole_problem(n_features):
    random = np.random.default_rng(0)
    features = sparse.csr_matrix(random.normal(size=(30, n_features)))
    factors = random.normal(size=(30, 3)).astype(np.float32)
    centred = factors - factors.mean(axis=0)
    wide = features.toarray()
    weights = np.linalg.solve(wide.T @ wide + 2 * np.eye(n_features), wide.T @ centred)

    model = ColdItems(features, factors, np.full(30, 9), ridge=2.0)

    np.testing.assert_allclose(model.predict(features), wide @ weights + factors.mean(axis=0), atol=1e-4)


def test_an_item_without_content_gets_the_mean_factor():
    factors = np.array([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32)

    model = ColdItems(sparse.eye(2, format="csr"), factors, np.array([5, 5]))

    assert model.predict(sparse.csr_matrix((1, 2))).tolist() == [[0.5, 0.5]]


def test_nothing_to_learn_from_is_an_error():
    with pytest.raises(InvalidInput, match="at least 3 listeners"):
        ColdItems(sparse.eye(2, format="csr"), np.zeros((2, 2), dtype=np.float32), np.array([2, 0]))


@pytest.mark.realdata
@pytest.mark.slow
@pytest.mark.parametrize("own_tags", [True, False], ids=["all tags", "without the listeners' own tags"])
def test_predicted_factors_rank_hidden_artists_of_hetrec(realdata, own_tags):
    interactions, content = hetrec(realdata)

    by_seed = [
        _among_hidden_artists(interactions.plays, content.taggings, seed, own_tags) for seed in range(3)
    ]

    ridge, centroid, blended = np.mean(by_seed, axis=0)
    assert ridge >= (0.44 if own_tags else centroid)
    assert blended >= (0.45 if own_tags else 0.375)


def _among_hidden_artists(plays, taggings, seed, own_tags):
    listeners = listeners_per_item(plays)
    every_tag = from_taggings(taggings, plays.shape[1], min_taggers=1)
    tagged = np.flatnonzero((listeners >= 3) & (np.diff(every_tag.features.indptr) > 0))
    cold = np.sort(np.random.default_rng(seed).choice(tagged, len(tagged) // 10, replace=False))
    train, test = hide(plays, cold)
    known = (every_tag if own_tags else every_tag.without(test)).taggings
    features = from_taggings(known, plays.shape[1], min_taggers=3).features
    factors = train_als(train, AlsSettings(seed=seed), Silent())
    model = ColdItems(features, factors.items, listeners_per_item(train))

    ridge = factors.listeners @ model.predict(features[cold]).T
    centroid = (unit_rows(heard(train) @ features) @ features[cold].T).toarray()
    blended = fuse(ridge, centroid, np.zeros(len(cold)), TUNED)
    return [ndcg_among(scores, test[:, cold].tocsr()) for scores in (ridge, centroid, blended)]
