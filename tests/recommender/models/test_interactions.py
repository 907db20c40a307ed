import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timbral.errors import InvalidInput
from timbral.recommender.models.interactions import (
    dense_part,
    from_counts,
    from_events,
    heard,
    items_per_listener,
    listeners_per_item,
)

PAIRS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=60, unique=True)


def test_repeated_pairs_add_up():
    made = from_counts(["a", "b", "a"], ["x", "x", "x"], [1, 2, 3])

    assert made.plays.toarray().tolist() == [[4], [2]]
    assert made.listener_ids.tolist() == ["a", "b"]


def test_events_are_counted_and_kept():
    made = from_events(["b", "a", "b"], ["y", "x", "y"], [3, 1, 2])

    assert made.plays.toarray().tolist() == [[1, 0], [0, 2]]
    assert made.events.listeners.tolist() == [1, 0, 1]
    assert made.events.at_uts.tolist() == [3, 1, 2]


def test_lengths_that_differ_are_refused():
    with pytest.raises(InvalidInput, match="one length"):
        from_counts(["a"], ["x", "y"], [1, 2])


def test_endless_counts_are_refused():
    with pytest.raises(InvalidInput, match="finite"):
        from_counts(["a"], ["x"], [np.inf])


def test_a_dislike_is_no_listener_of_an_item():
    made = from_counts(["a", "a", "b"], ["x", "y", "x"], [1, -2, 1])

    assert listeners_per_item(made.plays).tolist() == [2, 0]
    assert items_per_listener(made.plays).tolist() == [1, 1]
    assert heard(made.plays).toarray().tolist() == [[1, 0], [1, 0]]


@given(PAIRS, st.integers(1, 4), st.integers(1, 4))
def test_what_is_dense_stays_dense_and_nothing_else_was_lost(pairs, min_items, min_listeners):
    listeners, items = zip(*pairs, strict=True)

    left = dense_part(from_counts(listeners, items, np.ones(len(pairs))), min_items, min_listeners)

    assert (items_per_listener(left.plays) >= min_items).all()
    assert (listeners_per_item(left.plays) >= min_listeners).all()
    keep = set(pairs)
    while True:
        rest = {
            (u, i)
            for u, i in keep
            if sum(v == u for v, _ in keep) >= min_items and sum(j == i for _, j in keep) >= min_listeners
        }
        if rest == keep:
            break
        keep = rest
    assert left.plays.nnz == len(keep)
