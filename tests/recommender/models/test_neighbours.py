import subprocess
import sys

import numpy as np
import pytest

from tests.recommender.planted import plant
from timbral.recommender.models.co_listening import VOTE_POWER, co_listening
from timbral.recommender.models.interactions import heard, to_csr
from timbral.recommender.models.neighbours import nearest_by_listeners, vote_matrix


def test_neighbours_are_those_with_listeners_in_common():
    listeners = np.array([0, 0, 1, 1, 2, 2, 3])
    tracks = np.array([0, 1, 0, 1, 1, 2, 2])
    rows, shares = nearest_by_listeners(to_csr(np.ones(7), listeners, tracks, (4, 4)), count=2)

    assert rows.tolist() == [[1, -1], [0, -1], [-1, -1], [-1, -1]]
    assert shares[0, 0] == pytest.approx(2 / np.sqrt(2 * 3))


def test_neighbours_of_planted_items_are_of_their_block():
    rows, _ = nearest_by_listeners(plant().interactions.plays, count=10)

    for block in range(4):
        own = range(15 * block, 15 * block + 15)
        assert np.isin(rows[own], own).mean() > 0.9


def test_tracks_vote_for_their_neighbours_and_empty_places_for_nothing():
    neighbours = np.array([[1, 2], [2, -1], [-1, -1]], dtype=np.int32)
    shares = np.array([[0.5, 0.2], [0.4, 0.0], [0.0, 0.0]], dtype=np.float32)

    assert co_listening(neighbours, shares, np.array([0, 1])) == pytest.approx([0, 0.5, 0.6])
    assert co_listening(neighbours, shares, np.array([0, 1]), 2) == pytest.approx([0, 0.25, 0.2])
    assert co_listening(neighbours, shares, np.array([], np.int64)).tolist() == [0, 0, 0]


def test_one_listener_gets_the_votes_that_they_get_among_many():
    plays = plant().interactions.plays[:10]
    neighbours, shares = nearest_by_listeners(plant().interactions.plays)

    together = (heard(plays) @ vote_matrix(neighbours, shares)).toarray()

    alone = [co_listening(neighbours, shares, row.indices, VOTE_POWER) for row in plays]
    np.testing.assert_allclose(np.stack(alone), together, rtol=1e-5)


def test_voting_needs_numpy_alone():
    modules = "co_listening, newcomers"
    code = f"from timbral.recommender.models import {modules}; import sys; print('scipy' in sys.modules)"

    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "False"
