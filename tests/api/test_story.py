"""One listener from the first pick to the erasure, over gateway and socket, by routes and by graph."""

import gzip
import io
import json
import shutil
import socket
import threading
import time
from urllib.parse import quote

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uvicorn

from tests.api.gateway_events import gateway_event
from tests.embeddings.tiny_models import write_source
from tests.providers.fake_lastfm import KEY, FakeLastfm, scrobble
from tests.providers.fake_server import serving
from tests.world import make_world, write_world
from timbral.api.gateway import lambda_handler
from timbral.flow import run_steps
from timbral.operations.importing import do_message
from timbral.operations.lastfm import LASTFM
from timbral.progress import Silent
from timbral.raw.importing import import_path
from timbral.settings import Settings
from timbral.wiring import Services

pytestmark = pytest.mark.slow
NEWCOMER, ACCOUNT = "newcomer-ünterwegs", "rj-of-the-story"
NOW_UTS = 1_763_000_000
GRAPH = """{ listener { basis taste(window: ALL) { known playsCount genres { name plays: playsCount } }
  recommendations(limit: 5) { carousel title tracks { score why { rule text tracks { title } }
    track { trackId title artist moodConfidence similar(limit: 2) { title } } } } } }"""


@pytest.fixture(scope="module")
def planted():
    return make_world(listeners_count=40, tracks_count=200)


@pytest.fixture(scope="module")
def flown(tmp_path_factory, planted):
    """A folder with a store that the flow has run on, and the model that it ran with."""
    folder = tmp_path_factory.mktemp("flown")
    (folder / "model").mkdir()
    write_source(folder / "model", "bert")
    services = open_services(folder)
    for path in write_world(planted, folder / "files"):
        take_in(services, path)
    fly(services)
    return folder


def open_services(folder, **more):
    settings = Settings(
        store_root=str(folder / "store"), als_factors_count=16, encoder=folder / "model", **more
    )
    return Services(settings)


def take_in(services, path):
    options = {"progress": Silent(), "now_uts": NOW_UTS, "clock_s": time.monotonic}
    return import_path(services.tables, path, listener=None, **options)


def fly(services):
    options = {"clock_s": time.monotonic, "memory_mb": lambda: 0.0, "report": lambda _: None}
    run_steps(services.stages.steps(), Silent(), **options)


class OverGateway:
    """Asks the Lambda handler, with events as API Gateway sends them."""

    def __init__(self, services):
        self._handler = lambda_handler(services.serving.app())

    def ask(self, method, path, body=None, **query):
        text = str(httpx.QueryParams(query))
        answer = self._handler(gateway_event(method, path, text, body, NEWCOMER), None)
        assert answer["statusCode"] < 300, answer
        return json.loads(answer["body"]), answer["headers"]

    def close(self):
        """Leave."""


class OverSocket:
    """Asks uvicorn, over a connection on loopback."""

    def __init__(self, services):
        self._listening = socket.socket()
        self._listening.bind(("127.0.0.1", 0))
        app = services.serving.app(development=True)
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, args=([self._listening],), daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self._client = httpx.Client(
            base_url=f"http://127.0.0.1:{self._listening.getsockname()[1]}",
            headers={"Authorization": f"Bearer dev:{quote(NEWCOMER)}"},
            timeout=60,
        )

    def ask(self, method, path, body=None, **query):
        answer = self._client.request(method, path, json=body, params=query)
        assert answer.status_code < 300, answer.text
        return answer.json(), answer.headers

    def close(self):
        """Stop the server."""
        self._client.close()
        self._server.should_exit = True
        self._thread.join()
        self._listening.close()


@pytest.fixture
def folder(flown, tmp_path):
    """A copy of what has flown, for one story."""
    shutil.copytree(flown, tmp_path / "own", symlinks=True)
    return tmp_path / "own"


@pytest.fixture(params=[OverGateway, OverSocket])
def told(request, folder, planted):
    """The services, a door to them, and the titles that the listener's account at Last.fm has played."""
    rows = [row for row in range(len(planted.titles)) if planted.track_block[row] == planted.track_block[-1]]
    plays = [
        scrobble(NOW_UTS - 300 * at, str(planted.artists[row]), str(planted.titles[row]))
        for at, row in enumerate(rows[:15] * 2)
    ]
    with serving(FakeLastfm(plays, user=ACCOUNT)) as server:
        services = open_services(
            folder, lastfm_address=server.url, lastfm_api_key=KEY, secrets_file=folder / "secrets.json"
        )
        door = request.param(services)
        yield services, door, {one["track"] for one in plays}
        door.close()


def tracks_of(page):
    rows = [row for carousel in page["carousels"] for row in (carousel, *carousel["mixes"])]
    return [track for row in rows for track in row["tracks"]]


def ids_of(tracks):
    return [track["track_id"] for track in tracks]


def cited(tracks):
    return {cited["title"] for track in tracks for cited in track["why"]["tracks"]}


def graph(door):
    found, _ = door.ask("POST", "/graphql", {"query": GRAPH})
    assert not found.get("errors"), found
    return found["data"]["listener"]


def mentions(folder, *texts):
    """Return the files of the store in whose name or bytes a text stands, unpacked where they are packed."""
    found = []
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        data = path.read_bytes()
        if path.suffix == ".parquet":
            data += repr(pq.read_table(io.BytesIO(data)).to_pylist()).encode()
        if path.suffix == ".arrow":
            data += repr(pa.ipc.open_file(pa.py_buffer(data)).read_all().to_pylist()).encode()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        named = str(path.relative_to(folder))
        forms = [form for text in texts for form in (text.encode(), json.dumps(text)[1:-1].encode())]
        found += [named for form in forms if form in data or form.decode() in named]
    return found


def picks_a_genre(door):
    """They pick a genre, and have a page of it at once; return the genre and the page."""
    nobody, _ = door.ask("GET", "/recs/home", limit=5)
    assert nobody["basis"] == graph(door)["basis"] == "popular"

    genre = door.ask("GET", "/onboarding")[0]["genres"][0]["genre"]
    first, _ = door.ask("POST", "/onboarding", {"genres": [genre], "limit": 10})
    page, _ = door.ask("GET", "/recs/home", limit=5)

    assert genre in first["tracks"][0]["genres"]
    assert sum(genre in track["genres"] for track in first["tracks"]) >= 5
    assert page["basis"] == graph(door)["basis"] == "picks"
    assert page["carousels"] != nobody["carousels"]
    return genre, page


def likes_what_a_search_finds(door, genre, before):
    """They search, and like the first; return the page that knows it."""
    found, _ = door.ask("POST", "/search", {"query": genre, "limit": 5})
    liked, at_uts = found["tracks"][0]["track_id"], int(time.time())
    events = [
        {"event_id": f"e{number}", "kind": kind, "track_id": liked, "at_uts": at_uts}
        for number, kind in enumerate(("impression", "click", "like"))
    ]
    for _ in range(2):
        assert door.ask("POST", "/feedback", {"events": events})[0]["kept_count"] == 3
    page, headers = door.ask("GET", "/recs/home", limit=5)

    assert page["basis"] == "history"
    assert page["carousels"] != before["carousels"]
    assert headers["x-timbral-release"] == page["release"]
    return page


def imports_a_history(door, services, titles, before):
    """They have their history imported: the next page cites it, and the next release knows them."""
    job, headers = door.ask("POST", "/ingest/lastfm", {"username": ACCOUNT})
    assert job["state"] == "queued"
    while (message := services.outside.queue("lastfm").take(timeout_s=0)) is not None:
        do_message(services, LASTFM, message, time.time() + 60)
    done, _ = door.ask("GET", headers["location"])
    assert (done["state"], done["rows_count"]) == ("done", 30), done
    page, _ = door.ask("GET", "/recs/home", limit=5)
    taste, nested = door.ask("GET", "/taste/summary")[0], graph(door)

    assert cited(tracks_of(page)) & titles
    assert page["carousels"] != before["carousels"]
    assert taste["known"] is nested["taste"]["known"] is True
    assert taste["plays_count"] == nested["taste"]["playsCount"] >= 30
    listed = nested["recommendations"][0]["tracks"]
    assert [one["track"]["trackId"] for one in listed] == ids_of(page["carousels"][0]["tracks"])
    assert all(one["track"]["similar"] for one in listed)

    fly(services)
    services.serving.current_release.look_again()
    released, _ = door.ask("GET", "/recs/home", limit=5)
    assert released["release"] != page["release"]
    assert released["basis"] == "history"
    return released


def fills_a_playlist(door, page):
    """They have a playlist filled up."""
    seeds = ids_of(tracks_of(page)[:3])
    filled, _ = door.ask("POST", "/playlists/autofill", {"seeds": seeds, "k": 10})

    assert len(filled["tracks"]) == 10
    assert not set(ids_of(filled["tracks"])) & set(seeds)


def is_erased(door, store):
    """They look at what is kept of them, and have it erased: nothing of theirs remains."""
    exported, _ = door.ask("GET", "/listeners/me/export", limit=1_000)
    sources = {item["source"] for item in exported["items"]}
    assert {"user_scrobbles_raw", "feedback", "listener_plays", "document"} <= sources
    assert len(mentions(store, NEWCOMER)) > 5

    receipt, headers = door.ask("DELETE", "/listeners/me")

    assert receipt["status"] == "done"
    assert door.ask("GET", headers["location"])[0] == receipt
    assert mentions(store, NEWCOMER, ACCOUNT) == []
    left, _ = door.ask("GET", "/listeners/me/export")
    assert [item["source"] for item in left["items"]] == ["document"]  # that they were erased, and when


def is_somebody_new(door, store):
    page, _ = door.ask("GET", "/recs/home", limit=5)

    assert page["basis"] == graph(door)["basis"] == "popular"
    assert cited(tracks_of(page)) == set()
    assert mentions(store, NEWCOMER, ACCOUNT) == []


def test_from_the_first_pick_to_the_erasure(told, folder):
    services, door, titles = told
    store = folder / "store"

    genre, page = picks_a_genre(door)
    page = likes_what_a_search_finds(door, genre, page)
    page = imports_a_history(door, services, titles, page)
    assert len(ids_of(tracks_of(page))) == len(set(ids_of(tracks_of(page))))
    fills_a_playlist(door, page)
    is_erased(door, store)
    is_somebody_new(door, store)

    fly(services)
    services.serving.current_release.look_again()
    is_somebody_new(door, store)
