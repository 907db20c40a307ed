"""Few tracks place a newcomer where listeners with such favourites were placed."""

import numpy as np
import pytest

from tests.recommender.planted import plant
from timbral.progress import Silent
from timbral.recommender.models.als import Als, AlsSettings
from timbral.recommender.models.favourites import leanings, learn_newcomer_factors
from timbral.recommender.models.fused import Fused
from timbral.recommender.models.interactions import items_per_listener, listeners_per_item, to_csr
from timbral.recommender.models.newcomers import MANY, WEIGHT, is_newcomer, leaning, newcomer_weight

SMALL = AlsSettings(factors=8, regularization=1.0)


@pytest.fixture(scope="module")
def planted():
    return plant()


@pytest.fixture(scope="module")
def factors(planted):
    als = Als(SMALL)
    als.fit(planted.interactions, None, Silent())
    return als.factors


def learned(planted, factors, features=None, seed=0):
    return learn_newcomer_factors(planted.interactions.plays, factors.listeners, features, seed)


def picks(items, n_items, plays=1.0):
    return to_csr(np.full(len(items), plays), np.zeros(len(items), np.int64), items, (1, n_items))


def test_a_track_leads_to_its_own_block(planted, factors):
    places = learned(planted, factors)

    ranked = np.argsort(-(places @ factors.items.T), axis=1)
    for block in range(4):
        own = range(15 * block, 15 * block + 15)
        assert np.isin(ranked[own, :10], own).mean() > 0.9


def test_a_track_that_nobody_plays_is_placed_by_what_it_is_like(planted, factors):
    plays = planted.interactions.plays.tolil()
    plays[:, 0] = 0
    without = planted.interactions.with_plays(plays.tocsr())
    without.plays.eliminate_zeros()

    places = learn_newcomer_factors(without.plays, factors.listeners, planted.content.features, seed=0)

    assert np.isin(np.argsort(-(factors.items @ places[0]))[:10], range(15)).mean() > 0.9
    assert not learn_newcomer_factors(without.plays, factors.listeners, None, seed=0)[0].any()


def test_where_nobody_has_played_enough_nothing_is_learned(planted, factors):
    few = planted.interactions.plays[:, :5].tocsr()

    assert items_per_listener(few).max() < 10
    assert not learn_newcomer_factors(few, factors.listeners, None, seed=0).any()


def test_the_weight_fades_with_what_is_known():
    weights = newcomer_weight(np.array([1.0, 5.0, 10.0, MANY, 500.0]))

    assert weights.tolist() == [WEIGHT, WEIGHT, WEIGHT / 2, 0.0, 0.0]


def test_one_newcomer_is_moved_as_among_many(planted, factors):
    places = learned(planted, factors)
    plays = planted.interactions.plays.copy()
    plays.data[plays.data < 15] *= -1
    plays = plays[:20]

    alone = [leaning(places[row.indices], row.data) for row in plays]

    np.testing.assert_allclose(np.stack(alone), leanings(places, plays), atol=1e-6)


def test_who_played_nothing_or_much_is_not_moved(planted, factors):
    places = learned(planted, factors)

    assert not leaning(places[:3], np.array([-1.0, 0.0, -2.0], dtype=np.float32)).any()
    assert not leaning(places[:MANY], np.ones(MANY, dtype=np.float32)).any()
    assert not is_newcomer(np.zeros(3, dtype=np.float32))


def test_a_genre_counts_for_less_than_a_pick(planted, factors):
    places = learned(planted, factors)
    moved = leaning(places[[0, 20]], np.array([1.0, 0.25], dtype=np.float32))

    assert moved @ factors.items[1] > moved @ factors.items[21]


def test_one_pick_finds_more_of_its_block_than_the_hits(planted):
    model = Fused(Als(SMALL))
    model.fit(planted.interactions, planted.content, Silent())
    most = np.argsort(-listeners_per_item(planted.interactions.plays))[:10]

    for pick in (3, 18, 33, 48):
        scores = model.score(picks([pick], planted.interactions.n_items))[0]
        scores[pick] = -np.inf
        top = np.argsort(-scores)[:10]
        assert np.isin(top, range(15 * (pick // 15), 15 * (pick // 15) + 15)).mean() > 0.8
        assert len(np.setdiff1d(top, most)) > 0
