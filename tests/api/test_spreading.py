"""No artist fills a page of what was found, or of what is like a track."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.api.conftest import LISTENER, Shelf, client_of
from tests.api.memory_release import MemoryRelease
from timbral.api.answers.spreading import SPREAD_CAP, spread
from timbral.api.application import create_app
from timbral.api.identity import Identity


@given(st.lists(st.integers(0, 4), max_size=60), st.sets(st.integers(0, 4), max_size=2))
def test_spreading_loses_nothing_and_leaves_asked_for_artists_and_the_best_alone(artists, asked_for):
    order = list(spread(artists, asked_for))

    assert sorted(order) == list(range(len(artists)))
    assert order[:1] == [0][: len(artists)]
    for artist in set(artists):
        own = [at for at in order if artists[at] == artist]
        assert own == sorted(own)
    if set(artists) <= asked_for:
        assert order == sorted(order)


def test_an_artist_that_was_not_asked_for_does_not_fill_the_page():
    artists = [7] * 12 + list(range(100, 110))

    head = [artists[at] for at in spread(artists)][:10]

    assert head.count(7) == SPREAD_CAP
    assert [artists[at] for at in spread(artists, {7})][:10] == [7] * 10


def test_an_artist_does_not_fill_a_page_of_similar_tracks():
    view = MemoryRelease()
    artists, is_near = view.columns().artist_codes, view.world.track_block == view.world.track_block[7]
    artists[np.flatnonzero(is_near)[::2]] = artists[7]
    shelf = Shelf(view)
    ask = client_of(create_app(shelf, Identity(development=True), shelf), LISTENER)

    answer = ask.get(f"/recs/track/{view.track_id(7)}", params={"limit": 30}).json()["tracks"]
    rows = view.rows([track["track_id"] for track in answer])

    assert Counter(artists[rows[:10]].tolist())[artists[7]] == SPREAD_CAP
    assert [track["score"] for track in answer] == sorted((t["score"] for t in answer), reverse=True)
