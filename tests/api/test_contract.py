import json
from importlib.resources import files
from typing import get_args

import jsonschema
import pytest

from timbral.api.contract.fields import Mood
from timbral.api.contract.requests import AutofillRequest, FeedbackRequest, Picks, SearchRequest
from timbral.api.contract.responses import TITLES
from timbral.api.description import FILE_NAME
from timbral.api.description import description as describe
from timbral.tables.columns import MOODS

OPERATIONS = {
    ("post", "/ingest/spotify"): "connectSpotify",
    ("get", "/ingest/connections"): "getConnections",
    ("post", "/playlists/{playlist_id}/spotify"): "addToSpotifyPlaylist",
    ("post", "/ingest/lastfm"): "importLastfm",
    ("get", "/ingest/jobs/{job_id}"): "getImport",
    ("get", "/recs/home"): "getHomePage",
    ("get", "/recs/track/{track_id}"): "getSimilarTracks",
    ("post", "/search"): "searchTracks",
    ("get", "/taste/summary"): "getTasteSummary",
    ("post", "/playlists/autofill"): "autofillPlaylist",
    ("get", "/onboarding"): "getOnboarding",
    ("post", "/onboarding"): "getFirstTracks",
    ("post", "/graphql"): "askGraph",
    ("post", "/internal/mood/predict"): "predictMoods",
    ("post", "/feedback"): "tellFeedback",
    ("get", "/listeners/me/export"): "exportListener",
    ("delete", "/listeners/me"): "eraseListener",
    ("get", "/listeners/me/erasures/{receipt_id}"): "getErasure",
    ("get", "/healthz"): "getHealth",
}


@pytest.fixture
def description(app):
    return app.openapi()


def operations(description):
    return [operation for path in description["paths"].values() for operation in path.values()]


def test_every_route_is_described_by_a_name_that_tells(description):
    assert description["openapi"].startswith("3.1")
    named = {
        (method, path): operation["operationId"]
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }
    assert named == OPERATIONS
    assert all(operation["description"] and operation["summary"] for operation in operations(description))


def test_all_but_health_needs_a_token(description):
    assert description["security"] == [{"bearer": []}]
    opened = [
        path
        for path, methods in description["paths"].items()
        for o in methods.values()
        if o.get("security") == []
    ]
    assert opened == ["/healthz"]


def test_refusals_are_described_as_problems(description):
    search = description["paths"]["/search"]["post"]["responses"]

    assert set(search) == {"200", "400", "401", "410", "413", "415", "503"}
    assert list(search["400"]["content"]) == ["application/problem+json"]
    assert "404" in description["paths"]["/recs/track/{track_id}"]["get"]["responses"]
    assert "422" not in json.dumps(description)
    assert "HTTPValidationError" not in json.dumps(description)


def test_every_reference_leads_somewhere(description):
    text = json.dumps(description)
    wanted = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}

    assert wanted <= set(description["components"]["schemas"])


def test_answers_are_what_the_description_says(ask, view, description):
    seed = view.track_id(7)
    answers = {
        "Home": ask.get("/recs/home"),
        "Similar": ask.get(f"/recs/track/{seed}"),
        "Found": ask.post("/search", json={"query": "dub"}),
        "Taste": ask.get("/taste/summary"),
        "Filled": ask.post("/playlists/autofill", json={"seeds": [seed]}),
        "Onboarding": ask.get("/onboarding"),
        "FirstTracks": ask.post("/onboarding", json={"track_ids": [seed]}),
        "Health": ask.get("/healthz"),
        "Told": ask.post("/feedback", json=FeedbackRequest.model_config["json_schema_extra"]["examples"][0]),
        "Exported": ask.get("/listeners/me/export"),
        "Erased": ask.delete("/listeners/me"),
        "Problem": ask.get("/recs/home?limit=0"),
    }

    for name, answer in answers.items():
        schema = {"$ref": f"#/components/schemas/{name}", "components": description["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer.json())


def test_the_examples_of_requests_are_accepted(ask, description):
    schemas = description["components"]["schemas"]
    query = schemas["SearchRequest"]["properties"]["query"]["examples"][0]
    home = {
        p["name"]: p["schema"]["examples"][0]
        for p in description["paths"]["/recs/home"]["get"]["parameters"]
        if "examples" in p["schema"]
    }

    assert ask.post("/search", json={"query": query}).status_code == 200
    assert home == {"discovery": 0.5, "limit": 12}
    assert ask.get("/recs/home", params=home).status_code == 200


def test_the_contracts_words_are_the_packages_words():
    assert get_args(Mood) == MOODS
    assert list(TITLES) == ["for_you", "new_and_hype", "genre_mixes", "mood_mixes", "rediscover"]


@pytest.mark.parametrize("model", [SearchRequest, Picks, AutofillRequest, FeedbackRequest])
def test_the_examples_of_bodies_are_valid(model):
    examples = model.model_config["json_schema_extra"]["examples"]

    assert all(model.model_validate(example) for example in examples)
    assert model.model_config["extra"] == "forbid"
    assert model.model_config["allow_inf_nan"] is False


def test_the_committed_description_is_the_applications_own():
    committed = files("timbral.api.contract").joinpath(FILE_NAME).read_bytes()

    assert committed == describe(), "the contract has changed: run `timbral openapi`, read the diff"
