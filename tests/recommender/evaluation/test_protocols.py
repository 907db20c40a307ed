import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.recommender.planted import DAY_S, plant
from timbral.errors import InvalidInput
from timbral.recommender.evaluation.protocols import choose_protocol, holdout, split, strong, time_slice
from timbral.recommender.models.interactions import from_counts, from_events


@given(st.integers(0, 1_000))
def test_holdout_loses_and_doubles_nothing(seed):
    plays = plant().interactions.plays

    part = holdout(plant().interactions, seed)

    assert (part.train.plays + part.hidden() != plays).nnz == 0
    assert part.seen.multiply(part.test).nnz == 0


@pytest.mark.parametrize(("n_items", "tested"), [(4, 0), (5, 1), (7, 1), (8, 2), (50, 10)])
def test_holdout_hides_a_rounded_fifth_of_listeners_with_five_items(n_items, tested):
    interactions = from_counts(
        ["a"] * n_items + ["b"] * 9, [*range(n_items), *range(9)], np.ones(n_items + 9)
    )

    part = holdout(interactions, seed=0)

    assert part.hidden()[0].nnz == tested
    assert (0 in part.listeners) == (tested > 0)


def test_the_seed_decides_what_is_hidden():
    interactions = plant().interactions

    assert (holdout(interactions, 1).hidden() != holdout(interactions, 1).hidden()).nnz == 0
    assert (holdout(interactions, 1).hidden() != holdout(interactions, 2).hidden()).nnz > 0


def test_a_dislike_is_never_asked_for():
    interactions = from_counts(["a"] * 6, range(6), [1, 1, 1, 1, 1, -1])

    assert all(holdout(interactions, seed).hidden()[0, 5] == 0 for seed in range(20))


def test_newcomers_are_unknown_to_training():
    interactions = plant().interactions

    part = strong(interactions, seed=0)

    assert len(part.listeners) == 8
    assert part.train.plays[part.listeners].nnz == 0
    assert ((part.seen + part.test) != interactions.plays[part.listeners]).nnz == 0
    assert part.test.nnz / interactions.plays[part.listeners].nnz == pytest.approx(0.2, abs=0.05)


def test_picks_are_the_most_played_items():
    interactions = plant().interactions

    part = strong(interactions, seed=0, picks=5)

    plays = interactions.plays[part.listeners]
    assert (part.seen.data == 1).all()
    for seen, all_plays, test in zip(part.seen, plays, part.test, strict=True):
        assert seen.nnz == 5
        assert all_plays.multiply(seen).data.min() >= test.data.max()


def test_the_time_slice_cuts_everybody_at_one_moment():
    day = DAY_S
    interactions = from_events(list("aaaab"), list("xyxzx"), [0, day, 100 * day, 101 * day, 50 * day])

    part = time_slice(interactions)

    assert part.notes["cut_uts"] == 10 * day
    assert part.listeners.tolist() == [0]
    assert part.seen.toarray().tolist() == [[1, 1, 0]]
    assert part.test.toarray().tolist() == [[0, 0, 1]]
    assert part.repeats.toarray().tolist() == [[1, 0, 1]]
    assert part.train.events is None


def test_time_is_chosen_only_where_somebody_found_something_new_after_the_cut():
    day = DAY_S
    timed = from_events(list("aaa"), list("xyz"), [0, day, 100 * day])
    short = from_events(list("aaa"), list("xyz"), [0, day, 2 * day])

    assert choose_protocol(timed) == "time"
    assert choose_protocol(short) == "holdout"
    assert choose_protocol(from_counts(["a"], ["x"], [1])) == "holdout"


def test_plays_without_times_can_not_be_cut_in_time():
    with pytest.raises(InvalidInput, match="needs plays with times"):
        split(from_counts(["a"], ["x"], [1]), "time", 0)


def test_an_unknown_protocol_is_refused():
    with pytest.raises(InvalidInput, match="protocol must be one of"):
        split(plant().interactions, "leave-one-out", 0)


@pytest.mark.parametrize("protocol", ["holdout", "strong"])
def test_nobody_to_ask_is_an_error(protocol):
    with pytest.raises(InvalidInput, match="no listener"):
        split(from_counts(["a"], ["x"], [1]), protocol, 0)
