"""Tags are asked for where they lack, once, the most played first."""

import pytest

from tests.providers.fake_lastfm import FakeLastfm, scrobble
from tests.providers.fake_server import serving
from tests.providers.senders import TestClock
from tests.pulling.lastfm_pulls import api_to, pull
from timbral.pulling.lastfm.tags import pull_tags
from timbral.raw.answers.envelope import keep_answer
from timbral.raw.answers.loading import load_answer
from timbral.store.obstore_objects import open_objects
from timbral.store.tables import Tables
from timbral.tables.raw import TAG_VOTES_RAW


@pytest.fixture
def store(tmp_path):
    return Tables(open_objects("memory://"), tmp_path / "scratch")


def test_tags_that_lack_are_asked_for_once(store):
    fake = FakeLastfm([scrobble(1_690_000_000 - at * 300, "Burial", f"Song {at % 2}") for at in range(5)])
    fake.tags = {("Burial", None): {"dubstep": 100}, ("Burial", "Song 0"): {"uk": 7, "night": 0}}
    clock = TestClock()

    def keep(asked, body):
        load_answer(store, keep_answer(store.objects, asked, body))

    with serving(fake) as server:
        pull(server, store, clock)
        api = api_to(server, store, clock)
        first = pull_tags(api, store, clock, 2, keep=keep)
        second = pull_tags(api, store, clock, 10, keep=keep)
        third = pull_tags(api, store, clock, 10, keep=keep)

    rows = store.read(TAG_VOTES_RAW, store.current(TAG_VOTES_RAW)).to_pylist()
    found = [(row["artist"], row["track"], row["tag"], row["votes_count"]) for row in rows]
    assert first == {"asked": 2, "tagged": 2, "untagged": 0}
    assert second == {"asked": 1, "tagged": 0, "untagged": 1}
    assert third == {"asked": 0, "tagged": 0, "untagged": 0}
    assert set(found) == {("Burial", None, "dubstep", 100), ("Burial", "Song 0", "uk", 7)}
