import base64
import gzip
import json

import pytest

from tests.api.conftest import LISTENER
from tests.api.gateway_events import gateway_event
from timbral.api.application import create_app
from timbral.api.gateway import lambda_handler
from timbral.api.identity import Identity


@pytest.fixture
def send(shelf):
    handler = lambda_handler(create_app(shelf, Identity(development=True), shelf))
    return lambda *what, **more: handler(gateway_event(*what, **more), None)


def test_every_route_answers_a_gateway_event(send, view):
    seed = view.track_id(7)

    answers = [
        send("GET", "/recs/home", "limit=3&discovery=0.2", listener=LISTENER),
        send("GET", f"/recs/track/{seed}", "moods=dark&moods=sad", listener=LISTENER),
        send("POST", "/search", body={"query": "夜 dub"}, listener=LISTENER),
        send("GET", "/taste/summary", listener=LISTENER),
        send("POST", "/playlists/autofill", body={"seeds": [seed], "k": 3}, listener=LISTENER),
        send("GET", "/healthz"),
        send("GET", "/docs"),
        send("GET", "/openapi.json"),
    ]

    assert [answer["statusCode"] for answer in answers] == [200] * 8
    assert not any(answer["isBase64Encoded"] for answer in answers)
    for answer in answers[:5]:
        assert json.loads(answer["body"])["release"] == view.release
        assert answer["headers"]["x-timbral-release"] == view.release


def test_the_listener_is_who_the_claims_name(send):
    known = send("GET", "/taste/summary", listener=LISTENER)
    unknown = send("GET", "/taste/summary", listener="somebody-new")

    assert json.loads(known["body"])["known"] is True
    assert json.loads(unknown["body"])["known"] is False


def test_no_claims_no_answer_whatever_the_headers_say(send):
    answer = send("GET", "/recs/home", authorization=f"Bearer dev:{LISTENER}", host="127.0.0.1")

    assert answer["statusCode"] == 401
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert json.loads(answer["body"])["type"] == "urn:timbral:problem:unauthorized"


def test_an_unchanged_answer_is_304_through_the_gateway(send):
    tag = send("GET", "/recs/home", listener=LISTENER)["headers"]["etag"]

    answer = send("GET", "/recs/home", listener=LISTENER, if_none_match=tag)

    assert answer["statusCode"] == 304
    assert answer["body"] == ""


def test_a_compressed_answer_goes_out_as_base64(send):
    answer = send("GET", "/recs/home", listener=LISTENER, accept_encoding="gzip, br")

    assert answer["isBase64Encoded"]
    assert json.loads(gzip.decompress(base64.b64decode(answer["body"])))["carousels"]


def test_bad_bodies_are_refused_through_the_gateway(send):
    large = send("POST", "/search", body=" " * 300_000, listener=LISTENER)
    broken = send("POST", "/search", body='{"query": "\\ud800"}', listener=LISTENER)

    assert large["statusCode"] == 413
    assert broken["statusCode"] == 400
    assert json.loads(broken["body"])["field"] == "body.query"


@pytest.mark.parametrize("asked", [("GET", "/recs/home"), ("POST", "/search", "", {"query": "dub"})])
def test_a_failure_of_ours_is_a_problem_and_stays_in_the_log(shelf, monkeypatch, caplog, asked):
    def fail():
        raise RuntimeError("broken inside")

    monkeypatch.setattr(shelf, "current", fail)
    handler = lambda_handler(create_app(shelf, Identity(development=True), shelf))

    answer = handler(gateway_event(*asked, listener=LISTENER), None)

    assert answer["statusCode"] == 500
    assert json.loads(answer["body"])["type"] == "urn:timbral:problem:internal"
    assert "broken inside" not in answer["body"]
    assert caplog.text.count("RuntimeError: broken inside") == 1


def test_a_failure_before_anybody_is_let_in_is_a_problem_too(shelf, caplog):
    class Broken:
        def person(self, scope):
            del scope
            raise RuntimeError("broken at the door")

    answer = lambda_handler(create_app(shelf, Broken(), shelf))(gateway_event("GET", "/recs/home"), None)

    assert answer["statusCode"] == 500
    assert json.loads(answer["body"])["type"] == "urn:timbral:problem:internal"
    assert "broken at the door" in caplog.text
