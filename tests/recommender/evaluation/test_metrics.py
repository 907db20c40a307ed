import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from timbral.errors import ContractBroken
from timbral.recommender.evaluation import metrics
from timbral.recommender.models.interactions import to_csr


def _relevant(*rows, n_items):
    pairs = [(row, item) for row, items in enumerate(rows) for item in items]
    listeners, items = zip(*pairs, strict=True)
    return to_csr(np.ones(len(pairs)), np.array(listeners), np.array(items), (len(rows), n_items))


def test_the_best_unseen_items_come_first():
    seen = _relevant([3], n_items=4)

    assert metrics.ranking(np.array([[0.1, 0.5, 0.3, 0.9]]), seen, depth=4).tolist() == [[1, 2, 0, -1]]


def test_equal_scores_keep_the_order_of_items():
    assert metrics.ranking(np.zeros((1, 4)), None, depth=2).tolist() == [[0, 1]]


def test_a_score_that_is_no_number_is_refused():
    with pytest.raises(ContractBroken, match="finite"):
        metrics.ranking(np.array([[0.0, np.nan]]), None)


def test_precision_divides_by_ten_even_where_fewer_items_are_left():
    hit = metrics.hits(np.array([[0, 1, -1, -1, -1, -1, -1, -1, -1, -1]]), _relevant([0, 1], n_items=2))

    assert metrics.precision(hit).tolist() == [0.2]


def test_ndcg_of_everything_found_first_is_one_however_few():
    hit = metrics.hits(np.arange(10)[None], _relevant([0, 1, 2], n_items=20))

    assert metrics.ndcg(hit, np.array([3])).tolist() == [1.0]


def test_recall_counts_all_relevant_items():
    hit = metrics.hits(np.arange(50)[None], _relevant(range(40, 80), n_items=100))

    assert metrics.recall(hit, np.array([40])).tolist() == [0.25]


def test_novelty_is_bits_and_popularity_a_share():
    catalogue = metrics.Catalogue(np.array([0.5, 0.25, 0.0]), np.array([0, 0, 1]), least_share=0.125)
    ranked = np.array([[0, 1, 2, -1]])

    assert catalogue.novelty(ranked).tolist() == [2.0]
    assert catalogue.popularity(ranked).tolist() == [0.25]
    assert catalogue.artist_diversity(ranked) == pytest.approx([2 / 3])


@given(st.integers(0, 10_000))
def test_all_accuracy_lies_in_0_to_1(seed):
    random = np.random.default_rng(seed)
    relevant = to_csr(np.ones(20), random.integers(0, 3, 20), random.integers(0, 30, 20), (3, 30))
    counts = np.maximum(np.diff(relevant.indptr), 1)
    hit = metrics.hits(metrics.ranking(random.random((3, 30)), None), relevant)

    for values in (metrics.precision(hit), metrics.recall(hit, counts), metrics.ndcg(hit, counts)):
        assert ((values >= 0) & (values <= 1 + 1e-9)).all()


def test_ndcg_is_that_of_scikit_learn():
    random = np.random.default_rng(5)
    scores = random.random((25, 60))
    relevant = random.random((25, 60)) < 0.2

    listeners, items = np.nonzero(relevant)
    wanted = to_csr(np.ones(len(items)), listeners, items, relevant.shape)
    ours = metrics.ndcg(metrics.hits(metrics.ranking(scores, None), wanted), np.diff(wanted.indptr))

    assert ours.mean() == pytest.approx(ndcg_score(relevant, scores, k=10))


@pytest.mark.slow  # it compiles for a minute
@pytest.mark.filterwarnings("ignore:unsafe cast")
def test_the_definitions_are_those_of_a_metrics_library(tmp_path):
    os.environ.setdefault("NUMBA_CACHE_DIR", str(tmp_path))
    ranx = pytest.importorskip("ranx")
    random = np.random.default_rng(5)
    scores = random.random((25, 300))
    relevant = _relevant(
        *(random.choice(300, size, replace=False) for size in random.integers(1, 40, 25)), n_items=300
    )
    truth = {str(u): {str(i): 1 for i in relevant[u].indices} for u in range(25)}
    given_scores = {str(u): {str(i): float(scores[u, i]) for i in range(300)} for u in range(25)}
    asked = ["precision@10", "recall@50", "ndcg@10"]

    theirs = ranx.evaluate(ranx.Qrels(truth), ranx.Run(given_scores), asked, return_mean=False)
    hit, counts = metrics.hits(metrics.ranking(scores, None), relevant), np.diff(relevant.indptr)

    order = np.argsort([str(u) for u in range(25)])  # theirs sorts listeners by name
    ours = (metrics.precision(hit), metrics.recall(hit, counts), metrics.ndcg(hit, counts))
    for name, values in zip(asked, ours, strict=True):
        assert theirs[name].mean() == pytest.approx(values.mean())
        assert np.sort(theirs[name]) == pytest.approx(np.sort(values[order]))
