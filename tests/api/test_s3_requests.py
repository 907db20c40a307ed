"""What a warm request costs at an S3 server, counted at its door."""

import datetime as dt
import itertools

import numpy as np
import pytest

from tests.api.counted_s3 import CountedServer
from tests.api.gateway_events import gateway_event
from tests.bench.release import TEXT_DIMENSION, publish, track_id
from tests.embeddings.hashed_encoder import HashedEncoder
from timbral.api.application import create_app
from timbral.api.gateway import lambda_handler
from timbral.api.identity import Identity
from timbral.recommender.release import opened, search_index
from timbral.recommender.release.source import LOOK_EVERY_S, CurrentRelease
from timbral.store.obstore_objects import open_objects
from timbral.store.releases import Releases

TRACKS_COUNT = 1_000
LISTENERS_COUNT = 60
NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
SOMEBODY = "listener000001"


@pytest.fixture(scope="module")
def served(s3_endpoint, tmp_path_factory):
    """A release answered from its index over S3, whose pointer is looked at with every request."""
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
        releases = Releases(open_objects("s3://counted/main", {**options, "endpoint": server.endpoint}))
        publish(releases, TRACKS_COUNT, LISTENERS_COUNT)
        ticks = itertools.count(step=2 * LOOK_EVERY_S)
        source = CurrentRelease(
            releases,
            tmp_path_factory.mktemp("cache"),
            lambda: HashedEncoder(TEXT_DIMENSION),
            lambda: float(next(ticks)),
        )
        handler = lambda_handler(
            create_app(source, Identity(), lambda: dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
        )

        def ask(*what, **more):
            server.asked.clear()
            answer = handler(gateway_event(*what, **more), None)
            assert answer["statusCode"] == 200, answer
            return list(server.asked)

        yield ask


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
