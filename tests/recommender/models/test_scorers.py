"""One contract for all scorers, on planted structure where the right answer is known."""

import numpy as np
import pytest
from scipy import sparse

from tests.recommender.planted import found_share, plant
from timbral.errors import InvalidInput
from timbral.progress import Silent
from timbral.recommender.models.als import Als, AlsSettings
from timbral.recommender.models.baselines import ContentOnly, ItemNeighbours, Popularity
from timbral.recommender.models.ease import Ease
from timbral.recommender.models.fused import Fused
from timbral.recommender.models.interactions import Interactions

SMALL = AlsSettings(factors=8, regularization=1.0)
SCORERS = {
    "item-knn-cosine": lambda: ItemNeighbours("cosine"),
    "item-knn-bm25": lambda: ItemNeighbours("bm25"),
    "ease": lambda: Ease(regularization=50.0),
    "content": ContentOnly,
    "als": lambda: Als(SMALL),
    "als-binary": lambda: Als(AlsSettings(factors=8, regularization=1.0, weighting="binary")),
    "als-log1p": lambda: Als(AlsSettings(factors=8, regularization=0.1, weighting="log1p")),
    "fused": lambda: Fused(Als(SMALL)),
}


@pytest.fixture(scope="module")
def planted():
    return plant()


@pytest.fixture(params=SCORERS.values(), ids=SCORERS.keys())
def fitted(request, planted):
    model = request.param()
    model.fit(planted.interactions, planted.content, Silent())
    return model


def test_every_scorer_gives_listeners_the_rest_of_their_block(fitted, planted):
    plays = planted.interactions.plays

    assert found_share(fitted.score(plays), planted, plays) > 0.95


def test_every_scorer_finds_the_block_of_newcomers(fitted):
    newcomers = plant(seed=1)
    plays = newcomers.interactions.plays

    assert found_share(fitted.score(plays), newcomers, plays) > 0.95


def test_popularity_finds_no_block(planted):
    model = Popularity()

    model.fit(planted.interactions, planted.content, Silent())

    assert found_share(model.score(planted.interactions.plays), planted, planted.interactions.plays) < 0.3


def test_scores_are_finite_floats_of_one_row_a_listener(fitted, planted):
    nobody = sparse.csr_matrix((2, planted.interactions.n_items), dtype=np.float32)

    scores = fitted.score(nobody)

    assert scores.shape == nobody.shape
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()


def test_a_batch_scores_like_its_rows_one_by_one(fitted, planted):
    plays = planted.interactions.plays[:5]

    alone = np.vstack([fitted.score(plays[row]) for row in range(5)])

    np.testing.assert_allclose(fitted.score(plays), alone, atol=1e-4)


def test_scoring_leaves_the_plays_alone(fitted, planted):
    plays = planted.interactions.plays[:5].copy()
    before = plays.toarray()

    fitted.score(plays)

    np.testing.assert_array_equal(plays.toarray(), before)


@pytest.mark.parametrize("name", SCORERS)
def test_fitting_twice_gives_the_same_scores(name, planted):
    plays = planted.interactions.plays[:5]

    first, second = (_fit(SCORERS[name](), planted).score(plays) for _ in range(2))

    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("name", ["ease", "als", "fused", "item-knn-cosine"])
def test_no_scorer_needs_content_but_content_alone(name, planted):
    model = SCORERS[name]()

    model.fit(planted.interactions, None, Silent())

    assert found_share(model.score(planted.interactions.plays), planted, planted.interactions.plays) > 0.9


def test_content_alone_refuses_without_content(planted):
    with pytest.raises(InvalidInput, match="needs content"):
        ContentOnly().fit(planted.interactions, None, Silent())


def test_ease_is_the_same_from_either_side(planted):
    wide = planted.interactions
    tall = Interactions(sparse.vstack([wide.plays] * 2).tocsr(), np.tile(wide.listener_ids, 2), wide.item_ids)
    model = Ease(regularization=5.0)
    known = (tall.plays > 0).toarray().astype(float)
    precision = np.linalg.inv(known.T @ known + 5 * np.eye(tall.n_items))
    weights = np.eye(tall.n_items) - precision / np.diag(precision)

    model.fit(tall, None, Silent())
    from_items = model.score(tall.plays)
    model.fit(Interactions(tall.plays[:30], tall.listener_ids[:30], tall.item_ids), None, Silent())
    from_listeners = model.score(tall.plays[:5])

    np.testing.assert_allclose(from_items, known @ weights, atol=1e-4)
    few = known[:30]
    precision = np.linalg.inv(few.T @ few + 5 * np.eye(tall.n_items))
    np.testing.assert_allclose(
        from_listeners, few[:5] @ (np.eye(tall.n_items) - precision / np.diag(precision)), atol=1e-4
    )


def test_ease_refuses_what_is_too_large_to_invert(planted):
    with pytest.raises(InvalidInput, match="at most 10 on a side"):
        Ease(side_limit=10).fit(planted.interactions, None, Silent())


def _fit(model, planted):
    model.fit(planted.interactions, planted.content, Silent())
    return model
