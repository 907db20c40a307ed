"""A search that finds a release nobody has called anything asks for it to be looked up, once."""

import pytest
from starlette.testclient import TestClient

from timbral.api.application import create_app
from timbral.api.identity import Identity
from timbral.pulling.aoty.requests import AlbumWishes, WantedAlbum, requested_albums
from timbral.store.obstore_objects import open_objects


@pytest.fixture
def asked():
    return []


@pytest.fixture
def ask(shelf, asked):
    app = create_app(shelf, Identity(development=True), shelf, wishes=asked.append)
    headers = {"Authorization": "Bearer dev:ann"}
    return TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50_000), headers=headers)


@pytest.fixture
def untagged(view, monkeypatch):
    """Let nobody have called any track anything, and all be of one album."""
    plain = view.cards
    monkeypatch.setattr(
        view, "cards", lambda rows: [one._replace(tags=(), album="LP") for one in plain(rows)]
    )


@pytest.mark.usefixtures("untagged")
def test_a_hit_without_tags_is_asked_for(ask, asked, view):
    title = str(view.world.titles[3])
    found = ask.post("/search", json={"query": title}).json()["tracks"]

    assert asked
    assert asked[0][0] == (found[0]["artist"], "LP")


def test_a_hit_that_is_known_is_not(ask, asked, view):
    ask.post("/search", json={"query": str(view.world.titles[3])})

    assert asked == []


def test_a_process_asks_once_and_the_store_keeps_one_request():
    objects, opened = open_objects("memory://"), []

    def store():
        opened.append(1)
        return objects

    wishes = AlbumWishes(store)
    for _ in range(5):
        wishes.ask([WantedAlbum("Low", "Hey What")])

    assert list(requested_albums(objects)) == [WantedAlbum("Low", "Hey What")]
    assert len(opened) == 1
