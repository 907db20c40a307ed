import gzip

import pytest

from tests.api.conftest import LISTENER, client_of
from tests.api.memory_release import MemoryRelease


def test_an_answer_names_its_release_and_is_private(ask, view):
    for answer in (ask.get("/recs/home"), ask.post("/search", json={"query": "dub"})):
        assert answer.headers["x-timbral-release"] == answer.json()["release"] == view.release
        assert answer.headers["cache-control"] == "private, no-cache"
        assert "Authorization" in answer.headers["vary"]


def test_an_unchanged_answer_is_not_sent_again(ask):
    first = ask.get("/recs/home")
    again = ask.get("/recs/home", headers={"If-None-Match": first.headers["etag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["x-timbral-release"]


def test_lists_of_tags_and_strong_tags_are_understood(ask):
    tag = ask.get("/recs/home").headers["etag"]

    for sent in (f'"x", {tag}', tag.removeprefix("W/"), "*"):
        assert ask.get("/recs/home", headers={"If-None-Match": sent}).status_code == 304
    assert ask.get("/recs/home", headers={"If-None-Match": '"x"'}).status_code == 200


def test_another_listener_has_another_tag(app, ask):
    tag = ask.get("/recs/home").headers["etag"]

    answer = client_of(app, "listener000004").get("/recs/home", headers={"If-None-Match": tag})

    assert answer.status_code == 200


def test_posts_have_no_tag(ask):
    assert "etag" not in ask.post("/search", json={"query": "dub"}, headers={"If-None-Match": "*"}).headers


def test_answers_are_compressed_for_who_can_read_it(ask):
    plain = ask.get("/recs/home", headers={"Accept-Encoding": "identity"})
    packed = ask.get("/recs/home", headers={"Accept-Encoding": "gzip"})

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["etag"] == plain.headers["etag"]
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    assert packed.content == plain.content
    assert len(gzip.compress(plain.content)) < len(plain.content)


def test_a_request_takes_the_current_release_once_and_a_new_one_is_picked_up(app, shelf):
    taken = []
    old, new = shelf.view, MemoryRelease(shelf.view.world, release="planted-2")

    class Switching:
        def current(self):
            taken.append(1)
            return old if len(taken) % 2 else new

    app.state.releases = Switching()
    client = client_of(app, LISTENER)
    answers = [client.get("/recs/home") for _ in range(4)]

    assert len(taken) == 4
    assert [answer.headers["x-timbral-release"] for answer in answers] == ["planted-1", "planted-2"] * 2
    assert all(answer.headers["x-timbral-release"] == answer.json()["release"] for answer in answers)


@pytest.mark.parametrize(("takes", "encoding"), [("gzip, br", "gzip"), ("identity", None)])
def test_what_an_answer_varies_by_is_said_once(ask, takes, encoding):
    answer = ask.get("/recs/home", headers={"Accept-Encoding": takes})

    assert answer.headers.get("content-encoding") == encoding
    assert sorted(answer.headers["vary"].split(", ")) == ["Accept-Encoding", "Authorization"]
