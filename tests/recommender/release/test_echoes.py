"""What the best of a search are called moves others up."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from timbral.recommender.release.echoes import echoed, hybrid

LABELS = st.lists(st.lists(st.sampled_from("abcdefgh"), unique=True).map(tuple), max_size=30)


def falling(count):
    return np.linspace(0.2, 0.1, count, dtype=np.float32)


def test_who_bears_what_the_best_have_in_common_moves_up():
    labels = [("shoegaze", "rock")] * 10 + [("rock",)] * 20 + [("shoegaze", "rock")] + [("rock",)] * 20
    scores = np.linspace(0.101, 0.1, 51, dtype=np.float32)

    rows, _ = echoed(np.arange(51), scores, labels, 51)

    assert set(rows[:11]) == {*range(10), 30}


def test_what_all_bear_says_nothing():
    rows, scores = echoed(np.arange(5), falling(5), [("rock",)] * 5, 5)

    assert rows.tolist() == list(range(5))
    assert (np.diff(scores) <= 0).all()


@given(LABELS, st.integers(0, 200), st.integers(0, 40))
def test_nothing_is_lost_invented_or_out_of_order(labels, behind_count, count):
    total = len(labels) + behind_count

    rows, scores = echoed(np.arange(total), falling(total), labels, count)

    assert len(set(rows.tolist())) == len(rows) == min(count, total)
    assert set(rows.tolist()) <= set(range(total))
    assert (np.diff(scores) <= 0).all()


def test_a_name_that_was_meant_is_left_in_its_order_and_its_labels_are_not_asked_for():
    none = np.zeros(0, dtype=np.int64)
    ranked = {"meant": np.array([7, 3]), "near": np.array([3, 7]), "words": none, "meaning": np.arange(50)}
    asked = []

    def labels_of(rows):
        asked.append(len(rows))
        return [("rock",)] * len(rows)

    rows, _ = hybrid("some name", ranked, labels_of, 10)
    hybrid("some mood", ranked | {"meant": none}, labels_of, 10)

    assert rows[:2].tolist() == [7, 3]
    assert asked == [0, 0, 50]
