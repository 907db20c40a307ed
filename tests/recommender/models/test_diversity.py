import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timbral.errors import InvalidInput
from timbral.recommender.models.diversity import diversify

TWINS = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], dtype=np.float32)


def test_without_diversity_the_order_is_that_of_the_scores():
    assert diversify(np.array([0.1, 0.9, 0.5]), TWINS, 3, diversity=0).tolist() == [1, 2, 0]


def test_a_twin_gives_way_to_something_else():
    assert diversify(np.array([1.0, 0.9, 0.6]), TWINS, 2, diversity=0.5).tolist() == [0, 2]


def test_the_weight_is_that_of_diversity():
    scores = np.array([1.0, 0.9, 0.0])

    assert diversify(scores, TWINS, 2, diversity=0.1).tolist() == [0, 1]
    assert diversify(scores, TWINS, 2, diversity=0.9).tolist() == [0, 2]


def test_an_artist_stops_at_the_cap():
    chosen = diversify(
        np.array([0.9, 0.8, 0.7]), np.zeros((3, 2)), 3, artists=np.array([4, 4, 5]), per_artist=1
    )

    assert chosen.tolist() == [0, 2]


def test_what_must_not_be_chosen_is_not():
    assert diversify(np.array([-np.inf, 0.2]), TWINS[:2], 2).tolist() == [1]


def test_no_candidates_give_an_empty_list():
    assert diversify(np.zeros(0), np.zeros((0, 2)), 5).tolist() == []


@given(st.integers(0, 500), st.floats(0, 1), st.integers(0, 12))
def test_nothing_is_chosen_twice_and_the_best_comes_first(seed, diversity, count):
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(9, 3))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = random.random(9)

    chosen = diversify(scores, vectors, count, diversity=diversity)

    assert len(set(chosen.tolist())) == len(chosen) == min(count, 9)
    assert not count or diversity == 1 or chosen[0] == scores.argmax()


@pytest.mark.parametrize("wrong", [{"diversity": 1.5}, {"per_artist": 0}])
def test_weights_outside_their_range_are_refused(wrong):
    with pytest.raises(InvalidInput, match="must"):
        diversify(np.zeros(1), np.zeros((1, 1)), 1, **wrong)
