"""What is played often and of late comes back first; what was played once comes after what is new."""

import numpy as np
import pytest

from timbral.recommender.models.fused import Fused
from timbral.recommender.models.habits import HALF_HABIT, NEW_CHANCE, play_weights, with_habits
from timbral.recommender.models.interactions import to_csr
from timbral.recommender.models.scorer import RepeatScorer


def test_a_play_counts_for_less_the_longer_ago_it_was():
    weights = play_weights(np.array([0.0, 7.0, 8.0, 30.0, 90.0, 91.0, 4_000.0]))

    assert weights.tolist() == pytest.approx([1, 1, 0.85, 0.85, 0.6, 0.05, 0.05])


def test_a_strong_habit_comes_before_what_is_new_and_a_faint_one_after():
    scores = np.array([[9.0, 9.0, 5.0, 1.0]], dtype=np.float32)
    played = np.array([[True, True, False, False]])
    habits = np.array([[HALF_HABIT, 0.05, 0, 0]], dtype=np.float32)

    chances = with_habits(scores, played, habits)[0]

    assert chances == pytest.approx([0.5, 0.05 / 3.05, NEW_CHANCE, 0.0])


def test_the_order_of_what_is_new_stays():
    random = np.random.default_rng(0)
    scores = random.normal(size=(1, 30)).astype(np.float32)
    played = np.arange(30)[None] < 10

    chances = with_habits(scores, played, np.zeros_like(scores))

    assert np.argsort(chances[0, 10:]).tolist() == np.argsort(scores[0, 10:]).tolist()


def test_whoever_knows_everything_or_nothing_gets_numbers_too():
    for played in (np.ones((1, 4), bool), np.zeros((1, 4), bool)):
        chances = with_habits(np.ones((1, 4), np.float32), played, np.ones((1, 4), np.float32))

        assert np.isfinite(chances).all()


def test_what_is_served_knows_habits():
    plays = to_csr(np.array([3.0, 1.0]), np.array([0, 0]), np.array([0, 1]), (1, 4))
    habits = to_csr(np.array([0.05, 2.0]), np.array([0, 0]), np.array([0, 1]), (1, 4))
    model = Fused()

    scores = model.score_repeats(np.array([[0.9, 0.8, 0.7, 0.1]], dtype=np.float32), plays, habits)

    assert isinstance(model, RepeatScorer)
    assert np.argsort(-scores[0]).tolist() == [1, 2, 0, 3]
