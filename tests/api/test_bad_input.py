import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.conftest import LISTENER, Office, Shelf, client_of, keeping_in_memory
from tests.api.memory_release import MemoryRelease
from timbral.api.application import create_app
from timbral.api.contract.problem import Problem
from timbral.api.identity import Identity

JSON = {"Content-Type": "application/json"}
SHELF = Shelf(MemoryRelease())
ASK = client_of(
    create_app(SHELF, Identity(development=True), SHELF, keeping=keeping_in_memory(), listeners=Office()),
    LISTENER,
)
SEED = SHELF.view.track_id(1)


def refused(answer, status, slug):
    problem = Problem.model_validate(answer.json())
    assert answer.status_code == problem.status == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert problem.type == f"urn:timbral:problem:{slug}"
    return problem


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/recs/home?limit=1000000000", "query.limit"),
        ("/recs/home?limit=0", "query.limit"),
        ("/recs/home?limit=-1", "query.limit"),
        ("/recs/home?limit=1.5", "query.limit"),
        ("/recs/home?limit=", "query.limit"),
        (f"/recs/home?limit={'9' * 5000}", "query.limit"),
        ("/recs/home?discovery=nan", "query.discovery"),
        ("/recs/home?discovery=inf", "query.discovery"),
        ("/recs/home?discovery=1.01", "query.discovery"),
        ("/recs/home?discovery=%F0%9F%8E%B7", "query.discovery"),
        ("/recs/home?surprise=1", "query.surprise"),
        ("/recs/home?cursor=%00", "query.cursor"),
        ("/recs/home?cursor=abc", "cursor"),
        ("/recs/home?cursor=OTk5OTk5OS4wMTIzNDU2Nzg5YWJjZGVm", "cursor"),
        ("/taste/summary?window=1d", "query.window"),
        ("/recs/track/abc?moods=angry", "query.moods.0"),
        ("/recs/track/abc?genres=%00", "query.genres.0"),
        ("/recs/track/abc?genres=" + "x" * 200, "query.genres.0"),
        ("/recs/track/abc?" + "&".join(f"genres=g{n}" for n in range(30)), "query.genres"),
        ("/recs/track/abc?year_from=99999", "query.year_from"),
        ("/recs/track/abc?year_from=2000&year_to=1990", "query"),
        ("/recs/track/%F0%9F%8E%B7", "path.track_id"),
        ("/recs/track/a%00b", "path.track_id"),
        ("/recs/track/" + "a" * 65, "path.track_id"),
    ],
)
def test_a_wrong_value_is_refused_with_the_field_and_what_is_allowed(address, field):
    assert refused(ASK.get(address), 400, "invalid-request").field == field


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"seeds": []}, "body.seeds"),
        ({"seeds": [SEED, SEED]}, "body.seeds"),
        ({"seeds": [SEED] * 101}, "body.seeds"),
        ({"seeds": "abc"}, "body.seeds"),
        ({"seeds": [1]}, "body.seeds.0"),
        ({"seeds": [None]}, "body.seeds.0"),
        ({"seeds": ["a b"]}, "body.seeds.0"),
        ({"seeds": [SEED], "k": 10**9}, "body.k"),
        ({"seeds": [SEED], "k": 0}, "body.k"),
        ({"seeds": [SEED], "k": "many"}, "body.k"),
        ({"seeds": [SEED], "mmr_lambda": float("nan")}, "body.mmr_lambda"),
        ({"seeds": [SEED], "mmr_lambda": float("inf")}, "body.mmr_lambda"),
        ({"seeds": [SEED], "mmr_lambda": -0.1}, "body.mmr_lambda"),
        ({"seeds": [SEED], "artist_cap": 0}, "body.artist_cap"),
        ({"seeds": [SEED], "surprise": 1}, "body.surprise"),
        ({"seeds": [SEED], "exclude": {"surprise": 1}}, "body.exclude.surprise"),
        ({"seeds": [SEED], "include": {"moods": ["angry"]}}, "body.include.moods.0"),
        ({"seeds": [SEED], "exclude": {"track_ids": ["x"] * 1001}}, "body.exclude.track_ids"),
        ({"seeds": [SEED, "nobody"]}, "seeds"),
        ({}, "body"),
        ([], "body"),
        ("seeds", "body"),
        (None, "body"),
    ],
)
def test_a_wrong_wish_is_refused_with_the_field(body, field):
    answer = ASK.post("/playlists/autofill", content=json.dumps(body), headers=JSON)

    assert refused(answer, 400, "invalid-request").field == field


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        "x" * 301,
        "x" * 10_000,
        "a\x00b",
        "\u0007",
        "a\u0085b",
        "\ud800",
        "ok \udfff",
        7,
        None,
        ["a"],
    ],
)
def test_a_query_must_be_a_text_of_sensible_length(query):
    answer = ASK.post("/search", content=json.dumps({"query": query}), headers=JSON)

    assert refused(answer, 400, "invalid-request").field in {"body.query", "body"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"query": "a"',
        b"\xff\xfe",
        b"nonsense",
        b'{"query": ' + b"9" * 5000 + b"}",
        b"[" * 50_000,
    ],
)
def test_a_body_that_is_not_json_is_refused(body):
    answer = ASK.post("/search", content=body, headers=JSON)

    assert answer.status_code == 400
    assert refused(answer, 400, answer.json()["type"].rpartition(":")[2])


@pytest.mark.parametrize("key", ["\ud800", "a\u0000b", "x" * 5000, "\u202e", "🎷", "__proto__"])
def test_a_strange_field_is_named_in_printable_ascii_and_cut(key):
    answer = ASK.post("/search", content=json.dumps({"query": "a", key: 1}), headers=JSON)

    problem = refused(answer, 400, "invalid-request")
    assert problem.field.isascii()
    assert problem.field.isprintable()
    assert len(problem.field) <= 80


def test_a_value_is_never_echoed():
    answer = ASK.post("/search", json={"query": "a", "limit": "s3cret-value", "password": "s3cret"})

    assert refused(answer, 400, "invalid-request")
    assert "s3cret" not in answer.text


def test_all_fields_at_fault_are_named():
    problem = refused(ASK.get("/recs/home?limit=0&discovery=2"), 400, "invalid-request")

    assert {error.field for error in problem.errors} == {"query.limit", "query.discovery"}


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""]
)
def test_another_media_type_is_refused(media_type):
    answer = ASK.post("/search", content=b'{"query": "a"}', headers={"Content-Type": media_type})

    refused(answer, 415, "unsupported-media-type")
    assert answer.headers["accept"] == "application/json"


@pytest.mark.parametrize(
    "media_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/x+json"]
)
def test_json_by_any_name_is_read(media_type):
    answer = ASK.post("/search", content=b'{"query": "a"}', headers={"Content-Type": media_type})

    assert answer.status_code == 200


def test_a_large_body_is_refused_before_it_is_read():
    read = []

    def chunks():
        for _ in range(1_000):
            read.append(1)
            yield b" " * 10_000

    declared = ASK.post("/search", content=b" " * 10_000_000, headers=JSON)
    undeclared = ASK.post("/search", content=chunks(), headers=JSON)

    refused(declared, 413, "too-large")
    refused(undeclared, 413, "too-large")


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "9" * 30, "²"])
def test_a_length_that_is_no_number_is_refused(length):
    answer = ASK.request("POST", "/search", content=b"", headers=JSON | {"Content-Length": length.encode()})

    assert answer.status_code in {400, 413}


@pytest.mark.parametrize(("method", "allowed"), [("PUT", "POST"), ("GET", "POST"), ("DELETE", "POST")])
def test_another_method_is_refused_with_those_allowed(method, allowed):
    answer = ASK.request(method, "/search")

    refused(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "path", ["/nothing", "/recs", "/recs/home/", "/recs/track/", "/recs/track/a/b", "//", "/docs/../recs"]
)
def test_an_unknown_address_is_refused(path):
    refused(ASK.get(path), 404, "no-such-route")


def test_before_the_first_release_the_answer_is_to_come_back(app, shelf, ask):
    shelf.view = None

    refused(ask.get("/recs/home"), 503, "not-ready")
    assert ask.get("/healthz").status_code == 200
    del app


def test_an_unforeseen_failure_says_nothing_of_itself(shelf):
    class Broken:
        def current(self):
            msg = "s3cret at /srv/key"
            raise RuntimeError(msg)

    app = create_app(Broken(), Identity(development=True), shelf)
    client = client_of(app, LISTENER)

    answer = client.get("/recs/home")

    refused(answer, 500, "internal")
    assert "s3cret" not in answer.text


FIELDS = ("query", "filters", "limit", "cursor", "seeds", "k", "mmr_lambda", "include", "exclude")
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet=st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150)
@given(
    path=st.sampled_from(["/search", "/playlists/autofill"]),
    body=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(FIELDS, JSON_VALUES),
    ),
)
def test_no_json_makes_the_server_fail(path, body):
    answer = ASK.post(path, content=json.dumps(body), headers=JSON)

    assert answer.status_code < 500


@settings(max_examples=150)
@given(
    path=st.sampled_from(["/recs/home", "/recs/track/abc", f"/recs/track/{SEED}", "/taste/summary"]),
    name=st.sampled_from(["limit", "discovery", "cursor", "genres", "moods", "year_from", "window"]),
    value=st.text(max_size=30),
)
def test_no_query_makes_the_server_fail(path, name, value):
    assert ASK.get(path, params={name: value}).status_code < 500
