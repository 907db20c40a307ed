"""Search is measured by queries whose answers are known."""

import numpy as np
import pytest

from tests.embeddings.hashed_encoder import HashedEncoder
from timbral.progress import Silent
from timbral.recommender.evaluation.search_catalogue import METHODS
from timbral.recommender.evaluation.search_quality import measure_search
from timbral.recommender.evaluation.search_queries import (
    SearchItem,
    items_of_catalogue,
    misspelt,
    name_queries,
    tag_queries,
)
from timbral.sample.catalogue import load_catalogue


@pytest.fixture(scope="module")
def items():
    return items_of_catalogue(load_catalogue())


def test_a_hidden_label_is_nowhere_in_the_item():
    item = SearchItem(
        "Sour Times", "Portishead", None, ("Trip Hop",), ("dark", "trip hop"), (2.0, 1.0), ("dark",)
    )

    left = item.without({"trip hop", "dark"})

    assert (left.genres, left.tags, left.tag_shares, left.moods) == ((), (), (), ())
    assert left.title == item.title


def test_a_tag_query_finds_exactly_those_who_bear_it(items):
    queries = tag_queries(items, 30, seed=1)

    assert len(queries) == 30
    for query in queries:
        assert list(query.relevant) == [at for at, item in enumerate(items) if query.text in item.labels()]
        assert 5 <= len(query.relevant) <= len(items) / 4


@pytest.mark.parametrize("edits", [0, 1, 2])
def test_a_misspelt_name_is_as_many_letters_off_at_most(edits):
    random = np.random.default_rng(3)
    for name in ("portishead", "massive attack"):
        wrong = misspelt(name, edits, random)

        assert abs(len(wrong) - len(name)) <= edits
        assert (wrong == name) or edits


def test_the_same_seed_asks_the_same(items):
    assert name_queries(items, 2, 20, 5) == name_queries(items, 2, 20, 5)
    assert tag_queries(items, 20, 5) == tag_queries(items, 20, 5)


def test_hybrid_finds_names_that_plain_search_misses(items):
    found = measure_search(items[:150], HashedEncoder(64), 0, Silent(), half="both", folds_count=1)

    wrong = found["names, 2 edits"]
    assert list(wrong) == list(METHODS)
    assert wrong["hybrid"]["hit@1"] >= 0.9
    assert wrong["hybrid"]["hit@1"] > wrong["bm25"]["hit@1"] > wrong["vector"]["hit@1"]
    for method in METHODS:
        low, high = found["tags"][method]["intervals"]["ndcg@10"]
        assert low <= found["tags"][method]["ndcg@10"] <= high


def test_methods_are_compared_query_by_query(items):
    found = measure_search(items[:150], HashedEncoder(64), 0, Silent(), half="both", folds_count=1)

    for kind, metric in (("tags", "ndcg@10"), ("names, 1 edits", "mrr@10")):
        for other in ("vector", "bm25"):
            pairs = found[kind]["hybrid"]["better_than"][other]
            assert pairs[metric] == pytest.approx(found[kind]["hybrid"][metric] - found[kind][other][metric])
            low, high = pairs["intervals"][metric]
            assert low <= pairs[metric] <= high


def test_the_halves_share_no_query(items):
    queries = tag_queries(items, 40, 0)
    asked = {query.text for query in queries[0::2]}

    assert not asked & {query.text for query in queries[1::2]}
