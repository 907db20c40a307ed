"""Imports: begun once, watched by their listener alone, refused where they can't be right."""

import pytest
from starlette.testclient import TestClient

from timbral.api.application import create_app
from timbral.api.identity import Identity
from timbral.pulling.connections import Connections
from timbral.pulling.imports import Imports
from timbral.pulling.jobs import Jobs
from timbral.store.obstore_objects import open_objects

TOKEN = "t" * 32


class Secrets(dict):
    """Secrets in memory."""

    def put(self, name, value):
        self[name] = value

    def delete(self, name):
        self.pop(name, None)


class Queue(list):
    """Messages in memory."""

    def send(self, bodies, delay_s=0):
        del delay_s
        self.extend(bodies)


@pytest.fixture
def jobs():
    objects = open_objects("memory://")
    jobs = Jobs(objects)
    jobs.objects = objects
    return jobs


@pytest.fixture
def secrets():
    return Secrets()


@pytest.fixture
def queue():
    return Queue()


@pytest.fixture
def asking(shelf, jobs, secrets, queue):
    """Return somebody who asks, by name."""
    imports = Imports(jobs, Connections(jobs.objects), secrets, {"lastfm": queue})
    app = create_app(shelf, Identity(development=True), shelf, imports=lambda: imports)

    def by(listener):
        headers = {"Authorization": f"Bearer dev:{listener}"}
        return TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50_000), headers=headers)

    return by


def test_an_import_is_accepted_and_can_be_watched(asking, jobs, shelf):
    ada = asking("ada")
    begun = ada.post("/ingest/lastfm", json={"username": "RJ"})
    now_uts = int(shelf.now.timestamp())
    jobs.change("ada", begun.json()["job_id"], now_uts + 10, state="running", rows_count=400, total_count=900)

    seen = ada.get(begun.headers["location"])

    assert begun.status_code == 202
    assert (begun.json()["state"], begun.json()["account"]) == ("queued", "rj")
    assert (seen.json()["state"], seen.json()["rows_per_s"], seen.json()["total_count"]) == (
        "running",
        40,
        900,
    )


def test_ten_thousand_requests_are_one_import(asking, queue):
    ada = asking("ada")

    answers = {ada.post("/ingest/lastfm", json={"username": "rj"}).json()["job_id"] for _ in range(10_000)}

    assert len(answers) == 1
    assert len(queue) == 1


def test_a_token_goes_to_the_secrets_and_nowhere_else(asking, secrets, queue):
    answer = asking("ada").post("/ingest/lastfm", json={"token": TOKEN})

    assert answer.status_code == 202
    assert list(secrets.values()) == [TOKEN]
    assert TOKEN not in answer.text
    assert not any(TOKEN in message for message in queue)


def test_another_s_import_is_not_found(asking):
    begun = asking("ada").post("/ingest/lastfm", json={"username": "rj"})

    answer = asking("bob").get(begun.headers["location"])

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:timbral:problem:not-found"


def test_another_account_meanwhile_is_a_conflict(asking):
    ada = asking("ada")
    ada.post("/ingest/lastfm", json={"username": "rj"})

    assert ada.post("/ingest/lastfm", json={"username": "other"}).status_code == 409


def test_trying_out_names_is_told_to_wait(asking, jobs, shelf):
    ada = asking("ada")
    begun = ada.post("/ingest/lastfm", json={"username": "rj"}).json()
    jobs.change("ada", begun["job_id"], int(shelf.now.timestamp()), state="refused", reason="unknown")

    answer = ada.post("/ingest/lastfm", json={"username": "other"})

    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "60"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"username": "rj", "token": TOKEN}, "body"),
        ({"username": "r j"}, "body.username"),
        ({"username": "rj&method=x"}, "body.username"),
        ({"username": "../rj"}, "body.username"),
        ({"username": "rj\n"}, "body.username"),
        ({"username": ["rj"]}, "body.username"),
        ({"username": 7}, "body.username"),
        ({"username": "\u0440\u0436"}, "body.username"),
        ({"token": "s3cret"}, "body.token"),
        ({"username": "rj", "page": 2}, "body.page"),
        ([], "body"),
    ],
)
def test_what_cannot_be_right_is_refused_by_its_field_and_never_sent_on(asking, queue, body, field):
    answer = asking("ada").post("/ingest/lastfm", json=body)

    assert answer.status_code == 400
    assert answer.json()["field"] == field
    assert "s3cret" not in answer.text
    assert queue == []


def test_where_nothing_is_imported_that_is_said(shelf):
    app = create_app(shelf, Identity(development=True), shelf)
    client = TestClient(
        app,
        base_url="http://127.0.0.1",
        client=("127.0.0.1", 50_000),
        headers={"Authorization": "Bearer dev:a"},
    )

    assert client.post("/ingest/lastfm", json={"username": "rj"}).status_code == 503
