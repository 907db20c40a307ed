import pytest
from starlette.testclient import TestClient

from tests.api.conftest import client_of
from timbral.api.application import create_app
from timbral.api.identity import Identity, gateway_claims, is_local, listener_of
from timbral.api.problems import Unauthorized

CLOSED = ["/recs/home", "/recs/track/abc", "/taste/summary", "/", "/nothing-here", "/docs/", "/healthz/x"]
LOCAL = {"base_url": "http://127.0.0.1", "client": ("127.0.0.1", 1)}


class Verifier:
    def verify(self, token):
        if token != "good":
            msg = "the token is not genuine"
            raise Unauthorized(msg)
        return {"sub": "listener000001", "username": "other"}


def scope(client=("127.0.0.1", 1), host="127.0.0.1:8000", **headers):
    given = {"host": host} | {name.replace("_", "-"): value for name, value in headers.items()}
    raw = [(name.encode(), value.encode()) for name, value in given.items() if value is not None]
    return {"type": "http", "client": client, "headers": raw, "path": "/recs/home"}


def asked(identity, **what):
    return identity.person(scope(**what)).listener_id


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_everything_is_closed_without_an_identity_even_what_is_not_there(app, method, path):
    answer = client_of(app).request(method, path)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/healthz", "/docs", "/openapi.json"])
def test_health_and_documentation_are_open(app, path):
    assert client_of(app).get(path).status_code == 200


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic dev:x", "dev:x", "Bearer a b", "Bearer " + "x" * 9000]
)
def test_anything_but_one_bearer_token_is_refused(header):
    with pytest.raises(Unauthorized):
        asked(Identity(verifier=Verifier(), development=True), authorization=header)


def test_two_authorization_headers_are_refused(app):
    client = TestClient(app, **LOCAL)

    answer = client.get(
        "/recs/home", headers=[("Authorization", "Bearer dev:a"), ("Authorization", "Bearer dev:b")]
    )

    assert answer.status_code == 401


def test_a_verified_token_counts_and_a_forged_one_does_not(shelf):
    client = TestClient(create_app(shelf, Identity(verifier=Verifier()), shelf), **LOCAL)

    good = client.get("/taste/summary", headers={"Authorization": "Bearer good"})
    forged = client.get("/taste/summary", headers={"Authorization": "Bearer s3cret-forged"})

    assert good.json()["known"] is True
    assert forged.status_code == 401
    assert "s3cret" not in forged.text


def test_the_claim_that_names_the_listener_can_be_chosen():
    identity = Identity(verifier=Verifier(), claim="username")

    assert asked(identity, authorization="Bearer good") == "other"


def test_without_a_verifier_no_token_counts():
    with pytest.raises(Unauthorized, match="no verifier"):
        asked(Identity(), authorization="Bearer good")


def test_a_development_token_counts_on_this_machine_in_development_mode_only():
    development = Identity(development=True)

    assert asked(development, authorization="Bearer dev:anna") == "anna"
    assert asked(development, authorization="Bearer dev:%C3%A5sa") == "åsa"
    for identity, what in [
        (Identity(), {}),
        (Identity(verifier=Verifier()), {}),
        (development, {"client": ("192.0.2.7", 1)}),
        (development, {"client": None}),
        (development, {"host": "evil.example:8000"}),
        (development, {"host": None}),
        (development, {"x_forwarded_for": "127.0.0.1"}),
        (development, {"forwarded": "for=127.0.0.1"}),
    ]:
        with pytest.raises(Unauthorized):
            asked(identity, authorization="Bearer dev:anna", **what)


@pytest.mark.parametrize("name", ["", "%ff", "a%00b", "a" * 201, "a%0Ab"])
def test_a_development_token_must_name_somebody(name):
    with pytest.raises(Unauthorized):
        asked(Identity(development=True), authorization=f"Bearer dev:{name}")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1", "[::1]:8000", "[::1]"])
def test_loopback_names_are_local(host):
    assert is_local(scope(client=("::1", 1), host=host))


def test_behind_the_gateway_only_its_claims_count():
    identity = Identity(verifier=Verifier(), development=True)
    behind = scope(authorization="Bearer dev:anna") | {"aws.event": {"requestContext": {}}}

    with pytest.raises(Unauthorized):
        identity.person(behind)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"requestContext": None},
        {"requestContext": {"authorizer": None}},
        {"requestContext": {"authorizer": {"iam": {}}}},
    ],
)
def test_an_event_without_verified_claims_names_nobody(event):
    with pytest.raises(Unauthorized):
        gateway_claims(event)


@pytest.mark.parametrize(
    "claims", [{}, {"sub": None}, {"sub": 7}, {"sub": ""}, {"sub": "a\nb"}, {"sub": "x" * 201}]
)
def test_claims_must_name_a_listener(claims):
    with pytest.raises(Unauthorized):
        listener_of(claims, "sub")


def test_a_failing_verifier_lets_nobody_in(shelf):
    class Broken:
        def verify(self, token):
            msg = f"no keys for {token}"
            raise RuntimeError(msg)

    client = TestClient(create_app(shelf, Identity(verifier=Broken()), shelf), **LOCAL)

    answer = client.get("/recs/home", headers={"Authorization": "Bearer s3cret"})

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "s3cret" not in answer.text
