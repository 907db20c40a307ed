"""Operators ask how any tracks feel, and get what the nightly flow would say; nobody else gets anything."""

import json

import pytest

from tests.api.conftest import client_of
from tests.api.gateway_events import gateway_event
from tests.api.test_bad_input import refused
from tests.mood.conftest import QUICK
from tests.mood.planted import CAUSES, planted_examples
from timbral.api.application import create_app
from timbral.api.contract.moods import MOST_TRACKS, MoodRequest
from timbral.api.gateway import lambda_handler
from timbral.api.identity import Identity
from timbral.mood.artifact import PREFIX
from timbral.mood.serving import MoodService
from timbral.mood.tracks import KnownTrack, predict_tracks
from timbral.mood.training.model import train_model
from timbral.progress import Silent
from timbral.store.artifacts import Artifacts
from timbral.store.obstore_objects import open_objects

PATH = "/internal/mood/predict"
GENRE_ALONE = {"tracks": [{"genres": ["metal"]}]}


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mood")
    train_model(planted_examples(text=False), QUICK, Silent(), folder / "model", encoder="")
    kept = Artifacts(open_objects("memory://"), PREFIX, folder / "cache")
    kept.publish(folder / "model")
    return kept


@pytest.fixture
def served(artifacts, shelf):
    moods = MoodService(artifacts, lambda: pytest.fail("this model reads no text"))
    return create_app(shelf, Identity(development=True), shelf, moods=lambda: moods)


@pytest.fixture
def operator(served):
    client = client_of(served)
    client.headers["Authorization"] = "Bearer dev-operator:olga"
    return client


def test_a_track_that_only_has_a_genre_answers_with_its_prior_and_low_confidence(operator):
    answer = operator.post(PATH, json=GENRE_ALONE)
    nothing = operator.post(PATH, json={"tracks": [{}]}).json()["moods"][0]

    (mood,) = answer.json()["moods"]
    assert answer.status_code == 200
    assert mood["mood_confidence"] == nothing["mood_confidence"] == "low"
    assert mood["valence"] < nothing["valence"]  # planted metal is dark
    assert mood["shares"]["dark"] > nothing["shares"]["dark"]


def test_it_says_what_the_nightly_flows_model_says(operator, artifacts):
    tags = {CAUSES["happy"][0]: 80, CAUSES["upbeat"][1]: 20}
    service = MoodService(artifacts, lambda: None)
    version, (wanted,) = service.predict([KnownTrack(tags=tags, year=1993, listeners_count=12)])

    body = {"tracks": [{"tags": tags, "year": 1993, "popularity": 12}]}
    answer = operator.post(PATH, json=body).json()

    assert answer["model"] == version == artifacts.current()
    assert answer["moods"][0]["moods"] == wanted.moods
    assert answer["moods"][0]["energy"] == pytest.approx(wanted.energy, abs=1e-4)
    assert "happy" in wanted.moods
    assert predict_tracks.__module__ == "timbral.mood.tracks"


def test_the_example_of_the_contract_is_answered(operator):
    (example,) = MoodRequest.model_config["json_schema_extra"]["examples"]

    answer = operator.post(PATH, json=example)

    assert len(answer.json()["moods"]) == len(example["tracks"])


def test_nobody_but_an_operator_is_let_in_whatever_they_send(served):
    listener, nobody = client_of(served, "ann"), client_of(served)

    refused(listener.post(PATH, json=GENRE_ALONE), 403, "forbidden")
    refused(listener.post(PATH, content=b"{"), 403, "forbidden")
    refused(listener.get("/internal/anything-yet-to-come"), 403, "forbidden")
    assert nobody.post(PATH, json=GENRE_ALONE).status_code == 401


@pytest.mark.parametrize(("roles", "status"), [("[operator]", 200), ("[reader]", 403), (None, 403)])
def test_the_gateways_claims_say_who_is_an_operator(served, roles, status):
    event = gateway_event("POST", PATH, body=GENRE_ALONE, listener="olga")
    if roles:
        event["requestContext"]["authorizer"]["jwt"]["claims"]["roles"] = roles

    answer = lambda_handler(served)(event, None)

    assert answer["statusCode"] == status, answer
    assert json.loads(answer["body"])


@pytest.mark.parametrize(
    ("track", "field"),
    [
        ({"tags": {"dub": -1}}, "body.tracks.0.tags.dub"),
        ({"tags": {"dub": "much"}}, "body.tracks.0.tags.dub"),
        ({"tags": {"dub": float("nan")}}, "body.tracks.0.tags.dub"),
        ({"tags": {f"tag {n}": 1 for n in range(101)}}, "body.tracks.0.tags"),
        ({"year": 99_999}, "body.tracks.0.year"),
        ({"popularity": -1}, "body.tracks.0.popularity"),
        ({"title": "a\u0000b"}, "body.tracks.0.title"),
        ({"album_description": "x" * 5_001}, "body.tracks.0.album_description"),
        ({"surprise": 1}, "body.tracks.0.surprise"),
    ],
)
def test_a_wrong_fact_is_refused_with_the_field(operator, track, field):
    headers = {"Content-Type": "application/json"}
    answer = operator.post(PATH, content=json.dumps({"tracks": [track]}), headers=headers)

    assert refused(answer, 400, "invalid-request").field == field


def test_there_is_a_most_that_can_be_asked_at_once(operator):
    too_many = operator.post(PATH, json={"tracks": [{}] * (MOST_TRACKS + 1)})

    assert refused(too_many, 400, "invalid-request").field == "body.tracks"
    refused(
        operator.post(PATH, content=b'{"tracks": [{"tags": {"dub": NaN}}]}'), 415, "unsupported-media-type"
    )


def test_before_there_is_a_model_it_says_so(shelf, tmp_path):
    empty = MoodService(Artifacts(open_objects("memory://"), PREFIX, tmp_path), lambda: None)
    app = create_app(shelf, Identity(development=True), shelf, moods=lambda: empty)
    client = client_of(app)

    answer = client.post(PATH, json=GENRE_ALONE, headers={"Authorization": "Bearer dev-operator:olga"})

    assert refused(answer, 503, "not-ready")
