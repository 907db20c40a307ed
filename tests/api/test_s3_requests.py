"""What a warm request costs at an S3 server, counted at its door."""

import datetime as dt
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.api.counted_s3 import CountedServer
from tests.api.gateway_events import gateway_event
from tests.bench.release import TEXT_DIMENSION, publish, track_id
from tests.embeddings.hashed_encoder import HashedEncoder
from timbral.api.application import create_app
from timbral.api.gateway import lambda_handler
from timbral.api.identity import Identity
from timbral.api.keeping import Keeping
from timbral.recommender.release import opened, search_index
from timbral.recommender.release.source import LOOK_EVERY_S, CurrentRelease
from timbral.store.obstore_objects import open_objects
from timbral.store.releases import Releases
from timbral.store.seeds import HeardTrack, note_heard

TRACKS_COUNT = 1_000
LISTENERS_COUNT = 60
NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
SOMEBODY = "listener000001"
NEWER_UTS = 1_790_000_000


@pytest.fixture(scope="module")
def store(s3_endpoint, tmp_path_factory):
    """A release answered from its index over S3, with all that is kept of listeners beside it."""
    import boto3

    options = {"region": "us-east-1", "access_key_id": "invented", "secret_access_key": "invented"}
    client = boto3.client(
        "s3",
        endpoint_url=s3_endpoint,
        region_name="us-east-1",
        aws_access_key_id="invented",
        aws_secret_access_key="invented",
    )
    client.create_bucket(Bucket="counted")
    with pytest.MonkeyPatch.context() as patched, CountedServer(s3_endpoint) as server:
        patched.setattr(search_index, "INDEXED_FROM", 0)
        patched.setattr(opened, "EXACT_UP_TO", 0)
        objects = open_objects("s3://counted/main", {**options, "endpoint": server.endpoint})
        publish(Releases(objects), TRACKS_COUNT, LISTENERS_COUNT)
        yield Counted(server, objects, tmp_path_factory.mktemp("cache"))


@dataclass
class Counted:
    """A store whose requests are counted."""

    server: CountedServer
    objects: Any
    cache: Path

    def asking(self, clock_s, keeping=None):
        """Return what asks the API and lists the requests that its answer made."""
        releases = Releases(self.objects)
        source = CurrentRelease(releases, self.cache, lambda: HashedEncoder(TEXT_DIMENSION), clock_s)
        handler = lambda_handler(create_app(source, Identity(), lambda: NOW, keeping=keeping))

        def ask(*what, **more):
            self.server.asked.clear()
            answer = handler(gateway_event(*what, **more), None)
            assert answer["statusCode"] == 200, answer
            return list(self.server.asked)

        return ask


@pytest.fixture(scope="module")
def served(store):
    """A release whose pointer is looked at with every request."""
    ticks = itertools.count(step=2 * LOOK_EVERY_S)
    return store.asking(lambda: float(next(ticks)))


def warmed(ask, path, query, listeners):
    """Ask for some that come first, and return what each later one costs."""
    asked = [ask("GET", path(turn), query, listener=f"listener{turn % listeners:06d}") for turn in range(12)]
    return asked[4:]


def test_a_warm_similar_tracks_answer_makes_two_requests_at_most(served):
    rows = np.random.default_rng(1).integers(0, TRACKS_COUNT, 12).tolist()

    asked = warmed(served, lambda turn: f"/recs/track/{track_id(rows[turn])}", "", LISTENERS_COUNT)

    assert max(map(len, asked)) <= 2, asked


@pytest.mark.parametrize("query", ["genres=genre%203", "year_from=1980&year_to=1995", "moods=dark"])
def test_filters_make_no_more_requests(served, query):
    rows = np.random.default_rng(2).integers(0, TRACKS_COUNT, 12).tolist()

    asked = warmed(served, lambda turn: f"/recs/track/{track_id(rows[turn])}", query, LISTENERS_COUNT)

    assert max(map(len, asked)) <= 2, asked


def test_a_warm_home_page_makes_four_requests_at_most(served):
    asked = warmed(served, lambda _: "/recs/home", "", LISTENERS_COUNT)

    assert max(map(len, asked)) <= 4, asked


def test_a_warm_search_and_autofill_make_four_requests_at_most(served):
    words = ["dub", "warm rain", "night drive", "slow", "piano and dub", "rain"]

    searched = [served("POST", "/search", body={"query": word}, listener=SOMEBODY) for word in words]
    filled = [
        served("POST", "/playlists/autofill", body={"seeds": [track_id(row)], "k": 5}, listener=SOMEBODY)
        for row in range(6)
    ]

    assert max(len(asked) for asked in [*searched[3:], *filled[3:]]) <= 4, (searched[3:], filled[3:])


def test_a_listener_of_whom_something_fresh_is_known_costs_no_more(store):
    def nowhere():
        raise AssertionError

    keeping = Keeping(lambda: store.objects, nowhere)
    note_heard(store.objects, SOMEBODY, "history", [HeardTrack("Somebody", "New", 3, NEWER_UTS)])
    keeping.pick(SOMEBODY, [track_id(3)], [])
    rows = np.random.default_rng(3).integers(0, TRACKS_COUNT, 8).tolist()

    ask = store.asking(lambda: 0.0, keeping)
    similar = [ask("GET", f"/recs/track/{track_id(row)}", listener=SOMEBODY) for row in rows][4:]
    home = [ask("GET", "/recs/home", listener=SOMEBODY) for _ in rows][4:]

    assert {len(asked) for asked in similar} == {2}, similar
    assert max(map(len, home)) <= 4, home


def test_looking_at_the_pointer_adds_one_request_each_ten_seconds(store):
    now_s = [0.0]
    ask = store.asking(lambda: now_s[0])
    path = f"/recs/track/{track_id(9)}"
    warm = [len(ask("GET", path, listener=SOMEBODY)) for _ in range(4)][-1]

    now_s[0] = LOOK_EVERY_S
    looking, after = (len(ask("GET", path, listener=SOMEBODY)) for _ in range(2))

    assert (warm, looking, after) == (0, 1, 0)
