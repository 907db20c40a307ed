"""The pointer moves while requests are answered: none fails, and none mixes two releases."""

import asyncio
import datetime as dt
import itertools
import threading
from dataclasses import replace

import httpx2
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.api.conftest import client_of
from tests.bench.release import TEXT_DIMENSION, contents, publish_contents, track_id
from tests.embeddings.hashed_encoder import HashedEncoder
from tests.world import make_world
from timbral.api.application import create_app
from timbral.api.identity import Identity
from timbral.errors import NotFound
from timbral.recommender.release import opened, search_index
from timbral.recommender.release.source import LOOK_EVERY_S, CurrentRelease
from timbral.store.obstore_objects import open_objects
from timbral.store.releases import POINTER, Releases

REQUESTS_COUNT = 200
AT_ONCE = 20
NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def marked(made, name):
    """Return contents whose every title, artist and album names its release."""
    tracks = made.tracks
    for column in ("title", "artist", "album"):
        at = tracks.schema.get_field_index(column)
        told = pc.binary_join_element_wise(tracks.column(column), pa.scalar(f"[{name}]"), " ")
        tracks = tracks.set_column(at, tracks.schema.field(column), told)
    return replace(made, tracks=tracks)


@pytest.fixture(scope="module")
def indexed():
    """Small releases are answered from their indexes, as large ones are."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search_index, "INDEXED_FROM", 0)
        patched.setattr(opened, "EXACT_UP_TO", 0)
        yield


@pytest.fixture(scope="module")
def releases(indexed, tmp_path_factory):
    """Two releases of different sizes."""
    del indexed
    found = Releases(open_objects(str(tmp_path_factory.mktemp("store"))))
    for name, count in (("one", 600), ("two", 900)):
        made = contents(make_world(listeners_count=30, tracks_count=count))
        publish_contents(found, name, marked(made, name))
    return found


def source_of(releases, folder):
    """Return a source that looks at the pointer at every request."""
    ticks = itertools.count(step=2 * LOOK_EVERY_S)
    encoder = HashedEncoder(TEXT_DIMENSION)
    return CurrentRelease(releases, folder, lambda: encoder, lambda: float(next(ticks)))


def names_in(answer):
    """Return every release that any text of an answer names."""
    return {name for name in ("one", "two") if f"[{name}]" in answer.text}


async def ask_many(app):
    transport = httpx2.ASGITransport(app, client=("127.0.0.1", 50_000), raise_app_exceptions=False)
    queue = iter(range(REQUESTS_COUNT))

    async def worker(client):
        answers = []
        for turn in queue:
            ways = [
                ("GET", "/recs/home", None),
                ("GET", f"/recs/track/{track_id(turn)}", None),
                ("POST", "/search", {"query": "warm rain"}),
                ("POST", "/playlists/autofill", {"seeds": [track_id(turn)], "k": 5}),
                ("GET", "/taste/summary", None),
            ]
            method, path, body = ways[turn % len(ways)]
            headers = {"Authorization": f"Bearer dev:listener{turn % 30:06d}"}
            answers.append(await client.request(method, path, json=body, headers=headers))
        return answers

    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        done = await asyncio.gather(*(worker(client) for _ in range(AT_ONCE)))
    return [answer for answers in done for answer in answers]


def test_answers_are_whole_while_the_pointer_moves_back_and_forth(releases, tmp_path):
    app = create_app(source_of(releases, tmp_path), Identity(development=True), lambda: NOW)
    stop = threading.Event()

    def move():
        for name in itertools.cycle(("one", "two")):
            releases.promote(name)
            if stop.wait(0.005):
                return

    mover = threading.Thread(target=move)
    mover.start()
    try:
        answers = asyncio.run(ask_many(app))
    finally:
        stop.set()
        mover.join()

    assert len(answers) == REQUESTS_COUNT
    assert {answer.status_code for answer in answers} == {200}
    for answer in answers:
        assert answer.json()["release"] == answer.headers["x-timbral-release"]
        assert names_in(answer) <= {answer.headers["x-timbral-release"]}
    assert {answer.headers["x-timbral-release"] for answer in answers} == {"one", "two"}


def test_a_release_that_cannot_be_opened_leaves_the_old_one_serving(releases, tmp_path):
    source = source_of(releases, tmp_path)
    releases.promote("one")
    before = source.current().release
    data, tag = releases.objects.get_tagged(POINTER)
    releases.objects.replace(POINTER, b'{"release": "three", "before": [], "withdrawn": []}', tag)

    during = source.current().release
    releases.objects.replace(POINTER, data, releases.objects.get_tagged(POINTER)[1])
    releases.promote("two")

    assert (before, during, source.current().release) == ("one", "one", "two")


def test_a_fresh_process_serves_the_release_before_one_that_cannot_be_opened(releases, tmp_path, caplog):
    source = source_of(releases, tmp_path)
    releases.promote("two")
    data, tag = releases.objects.get_tagged(POINTER)
    releases.objects.replace(POINTER, b'{"release": "x", "before": ["y", "one"], "withdrawn": []}', tag)

    at_first, again = source.current().release, source.current().release
    releases.objects.replace(POINTER, data, releases.objects.get_tagged(POINTER)[1])

    assert (at_first, again, source.current().release) == ("one", "one", "two")
    assert (
        "release 'one' is served, since the current one can't be opened: there is no release 'x'"
        in caplog.text
    )


def test_without_any_release_there_is_nothing_to_serve(tmp_path):
    source = source_of(Releases(open_objects(str(tmp_path / "empty"))), tmp_path)

    with pytest.raises(NotFound, match="no release is served"):
        source.current()


GRAPH = f'{{ track(trackId: "{track_id(5)}") {{ similar {{ track {{ title }} }} }} }}'
WAYS = [
    ("GET", "/recs/home", None),
    ("GET", f"/recs/track/{track_id(5)}", None),
    ("POST", "/search", {"query": "warm rain"}),
    ("POST", "/playlists/autofill", {"seeds": [track_id(5)], "k": 5}),
    ("GET", "/taste/summary", None),
    ("GET", "/onboarding", None),
    ("POST", "/graphql", {"query": GRAPH}),
]


@pytest.mark.usefixtures("indexed")
@pytest.mark.parametrize("warmed", [False, True], ids=["just opened", "asked before"])
@pytest.mark.parametrize("way", WAYS, ids=[path for _, path, _ in WAYS])
def test_a_release_withdrawn_from_under_a_process_fails_no_request(tmp_path, way, warmed):
    releases = Releases(open_objects(str(tmp_path / "store")))
    for name, count in (("one", 300), ("two", 400)):
        made = contents(make_world(listeners_count=30, tracks_count=count))
        publish_contents(releases, name, marked(made, name))
    releases.promote("one")
    encoder = HashedEncoder(TEXT_DIMENSION)
    source = CurrentRelease(releases, tmp_path / "cache", lambda: encoder, lambda: 0.0)
    client = client_of(create_app(source, Identity(development=True), lambda: NOW), "listener000003")
    opened_first = source.current().release
    method, path, body = way
    if warmed:
        client.request(method, path, json=body)
    releases.promote("two")
    releases.forget(["one"])

    answer = client.request(method, path, json=body)

    assert opened_first == "one"
    assert answer.status_code == 200
    assert not answer.json().get("errors")
    assert len(names_in(answer)) <= 1
    if not warmed:
        assert answer.headers["x-timbral-release"] == "two"
