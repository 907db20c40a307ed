"""Spotify for a listener who waits: connecting, cold start, a playlist as seeds, and filling one."""

import time

import pytest
from starlette.testclient import TestClient

from tests.providers.fake_server import Fault, serving
from tests.providers.fake_spotify import FakeSpotify, track
from timbral.api.application import create_app
from timbral.api.identity import Identity
from timbral.api.keeping import Keeping
from timbral.operations.importing import do_message
from timbral.operations.spotify import SPOTIFY
from timbral.settings import Settings
from timbral.wiring import Services

BACK = "https://app.example/back"
PLAYLIST = "P" * 22
CODE = {"code": "code-1", "redirect_uri": BACK}


class Here:
    """One machine, its API over the planted release, and Spotify's stand-in."""

    def __init__(self, tmp_path, shelf, server):
        self.server = server
        settings = Settings(
            store_root=str(tmp_path / "store"),
            secrets_file=tmp_path / "secrets.json",
            spotify_address=server.url,
            spotify_accounts_address=server.url,
            spotify_client_id="app",
            spotify_client_secret="hush",
            spotify_redirects=(BACK,),
        )
        self.services = Services(settings)
        app = create_app(
            shelf,
            Identity(development=True),
            shelf,
            keeping=Keeping(lambda: self.services.objects, lambda: None),
            imports=lambda: self.services.outside.imports,
            spotify=self.services.spotify.desk,
        )
        headers = {"Authorization": "Bearer dev:newcomer"}
        self.ask = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50_000), headers=headers)

    def connect(self):
        """Connect, and do what that sends to the queue."""
        answer = self.ask.post("/ingest/spotify", json=CODE)
        self.work()
        return answer

    def work(self):
        queue = self.services.outside.queue("spotify")
        while (body := queue.take(0)) is not None:
            do_message(self.services, SPOTIFY, body, time.time() + 60)


@pytest.fixture
def known(view, monkeypatch):
    """Tracks of the release as Spotify would have them; the planted release has ids of its own."""
    from timbral.api.answers import fresh, playlist

    cards = view.cards(list(range(12)))
    ids = {(card.artist, card.title): card.track_id for card in cards}
    for module in (fresh, playlist):
        monkeypatch.setattr(module, "own_id", lambda artist, title: ids.get((artist, title), "unknown"))
    return [track(number, card.artist, card.title) for number, card in enumerate(cards)]


@pytest.fixture
def fake(known):
    stranger = track(99, "Somebody Else", "Unheard Of")
    return FakeSpotify(known, top=known[:6], playlists={PLAYLIST: [*known[2:6], stranger]})


@pytest.fixture
def here(tmp_path, shelf, fake):
    with serving(fake) as server:
        yield Here(tmp_path, shelf, server)


def test_top_tracks_speak_for_a_newcomer(here):
    before = here.ask.get("/recs/home").json()
    begun = here.connect()
    job = here.ask.get(begun.headers["location"]).json()
    after = here.ask.get("/recs/home").json()

    assert (before["basis"], after["basis"]) == ("popular", "top_tracks")
    assert begun.status_code == 202
    assert (job["state"], job["rows_count"]) == ("done", 6)
    assert here.ask.get("/ingest/connections").json()["accounts"][0]["state"] == "connected"


def test_no_secret_is_in_the_store_or_an_answer(here):
    begun = here.connect()

    stored = b"".join(here.services.objects.get(info.key) for info in here.services.objects.list(""))
    assert b"refresh-1" not in stored
    assert b"token-" not in stored
    assert "refresh-1" not in begun.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (CODE | {"redirect_uri": "https://evil.example/back"}, "body.redirect_uri"),
        (CODE | {"code": "forged"}, "body.code"),
        (CODE | {"code": "a b"}, "body.code"),
        (CODE | {"code_verifier": "short"}, "body.code_verifier"),
        ({"code": "code-1"}, "body.redirect_uri"),
    ],
)
def test_what_cannot_be_right_is_refused_by_its_field(here, body, field):
    answer = here.ask.post("/ingest/spotify", json=body)

    assert answer.status_code == 400
    assert answer.json()["field"] == field


def test_connecting_again_and_again_asks_spotify_once(here):
    here.ask.post("/ingest/spotify", json=CODE)
    asked_count = len(here.server.asked)
    for _ in range(50):
        here.ask.post("/ingest/spotify", json=CODE)

    assert len(here.server.asked) == asked_count == 1


def test_a_playlist_at_spotify_is_finished_and_what_is_unknown_named(here):
    here.connect()

    answer = here.ask.post("/playlists/autofill", json={"spotify_playlist": PLAYLIST, "k": 5}).json()

    assert len(answer["tracks"]) == 5
    assert answer["unknown"] == ["Somebody Else \N{EN DASH} Unheard Of"]


def test_without_a_connection_the_listener_is_told_to_connect(here):
    answer = here.ask.post("/playlists/autofill", json={"spotify_playlist": PLAYLIST})

    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:timbral:problem:not-connected"
    assert here.server.asked == []


def test_a_permission_that_has_run_out_is_noted_and_told_and_not_asked_again(here, fake):
    here.connect()
    fake.refresh_tokens.clear()

    first = here.ask.post("/playlists/autofill", json={"spotify_playlist": PLAYLIST})
    asked_count = len(here.server.asked)
    second = here.ask.post("/playlists/autofill", json={"spotify_playlist": PLAYLIST})

    assert (first.status_code, second.status_code) == (409, 409)
    assert len(here.server.asked) == asked_count
    assert here.ask.get("/ingest/connections").json()["accounts"][0]["state"] == "expired"


def test_an_import_whose_permission_has_run_out_says_so(here, fake):
    begun = here.ask.post("/ingest/spotify", json=CODE)
    fake.refresh_tokens.clear()
    here.work()

    job = here.ask.get(begun.headers["location"]).json()
    assert (job["state"], job["reason"]) == ("refused", "expired")
    assert "connect it again" in job["message"]


@pytest.fixture
def linked(view, monkeypatch):
    """Let the release know tracks at Spotify, but for the first."""
    plain = view.cards

    def cards(rows):
        found = zip(rows, plain(rows), strict=True)
        return [card._replace(spotify_id=f"{row:022d}" if row else None) for row, card in found]

    monkeypatch.setattr(view, "cards", cards)
    return [card.track_id for card in plain(list(range(8)))]


def test_tracks_are_added_once_however_often_it_is_asked(here, fake, linked):
    here.connect()
    body = {"track_ids": linked}

    first = here.ask.post(f"/playlists/{PLAYLIST}/spotify", json=body).json()
    second = here.ask.post(f"/playlists/{PLAYLIST}/spotify", json=body).json()

    assert (first["added_count"], first["present_count"], first["unlinked"]) == (3, 4, [linked[0]])
    assert (second["added_count"], second["present_count"]) == (0, 7)
    assert len(fake.playlists[PLAYLIST]) == 8


def test_a_playlist_that_is_not_there_is_told(here, linked):
    here.connect()

    answer = here.ask.post(f"/playlists/{'Q' * 22}/spotify", json={"track_ids": linked})

    assert answer.status_code == 502
    assert answer.json()["type"] == "urn:timbral:problem:source-refused"


def test_spotify_asking_for_patience_is_passed_on(here, linked):
    here.connect()
    here.server.choose_fault = lambda _asked: Fault("status", 429, {"retry-after": "120"})

    answer = here.ask.post(f"/playlists/{PLAYLIST}/spotify", json={"track_ids": linked})

    assert answer.status_code == 503
    assert 100 <= int(answer.headers["retry-after"]) <= 120


def test_where_there_is_no_app_that_is_said(shelf, tmp_path):
    services = Services(Settings(store_root=str(tmp_path / "store"), secrets_file=tmp_path / "secrets.json"))
    app = create_app(shelf, Identity(development=True), shelf, spotify=services.spotify.desk)
    client = TestClient(
        app,
        base_url="http://127.0.0.1",
        client=("127.0.0.1", 50_000),
        headers={"Authorization": "Bearer dev:a"},
    )

    assert client.post("/ingest/spotify", json=CODE).status_code == 503
