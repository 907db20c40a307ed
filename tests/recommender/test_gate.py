"""The gate lets a release through that is no worse, and refuses one that is."""

import dataclasses

import numpy as np

from tests.recommender.stored_world import store_world
from timbral.progress import Silent
from timbral.recommender.gate import decide
from timbral.recommender.known import read_known
from timbral.recommender.models.als import AlsSettings
from timbral.recommender.run import fit
from timbral.recommender.training import train


def found(value, low, high):
    return {"models": {"fused": {"ndcg@10": value, "intervals": {"ndcg@10": [low, high]}}}}


def test_the_first_release_is_let_through():
    decision = decide(found(0.2, 0.18, 0.22), 0.95, None)

    assert decision["promote"]
    assert decision["fit"] == 0.95


def test_a_release_within_the_interval_is_let_through_and_its_numbers_kept():
    decision = decide(found(0.19, 0.17, 0.21), 0.95, found(0.2, 0.18, 0.22))

    assert decision["promote"]
    assert (decision["ndcg@10"], decision["served"]) == (0.19, 0.2)
    assert decision["interval"] == [0.17, 0.21]


def test_a_release_that_is_worse_beyond_the_intervals_is_refused():
    decision = decide(found(0.10, 0.08, 0.12), 0.95, found(0.2, 0.18, 0.22))

    assert not decision["promote"]
    assert "0.100 is worse than the served release's 0.200" in decision["reason"]


def test_too_few_plays_to_evaluate_on_are_said_so():
    assert decide({"skipped": "3 listeners"}, None, None)["reason"] == "too few plays to evaluate on"


def test_shuffled_factors_are_refused(folder_tables):
    stored = store_world(folder_tables, listeners_count=40, tracks_count=200)
    known = read_known(folder_tables, stored.pins)
    trained = train(known.interactions, known.vectors, AlsSettings(factors=16, threads=1), Silent())
    shuffled = dataclasses.replace(trained, items=np.random.default_rng(0).permutation(trained.items))

    sound, broken = fit(known.interactions, trained), fit(known.interactions, shuffled)

    assert decide({}, sound, None)["promote"]
    assert not decide({}, broken, None)["promote"]


def test_unheard_tracks_get_factors_that_please_those_who_like_their_kind(folder_tables):
    stored = store_world(folder_tables, listeners_count=60, tracks_count=300)
    known = read_known(folder_tables, stored.pins)
    block = stored.world.track_block
    plays = known.interactions.plays.tolil()
    hidden = [int(np.flatnonzero(block == number)[0]) for number in range(5)]
    plays[:, hidden] = 0
    without = known.interactions.with_plays(plays.tocsr())
    without.plays.eliminate_zeros()

    trained = train(without, known.vectors, AlsSettings(factors=16, threads=1), Silent())

    assert trained.predicted_count >= len(hidden)
    for item in hidden:
        scores = trained.listeners @ trained.items[item]
        fond = np.array(
            [block[item] in stored.world.listener_blocks[_number(name)] for name in without.listener_ids]
        )
        assert scores[fond].mean() > scores[~fond].mean()


def _number(name):
    return int("".join(letter for letter in name if letter.isdigit()))
