"""Tokens of an issuer: genuine ones come in, and whatever is wrong with one keeps it out."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from starlette.testclient import TestClient

from timbral.api.application import create_app
from timbral.api.identity import Identity, gateway_claims, roles_of
from timbral.api.problems import Unauthorized
from timbral.api.tokens import DISCOVERY, KEYS_LAST_S, LOOK_AGAIN_S, Expected, IssuerKeys, JwtVerifier
from timbral.errors import InvalidInput, SourceError
from timbral.issuer import fetch_document
from timbral.settings import Settings
from timbral.wiring import Services

ISSUER, AUDIENCE, NOW = "https://issuer.example", "timbral", 1_800_000_000
LOCAL = {"base_url": "http://127.0.0.1", "client": ("127.0.0.1", 1)}
RSA_KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def public(key, kid, **more):
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return json.loads(algorithm.to_jwk(key.public_key())) | {"kid": kid, "use": "sig"} | more


class Issuer:
    """An issuer's site, and the time."""

    def __init__(self):
        self.keys = [public(RSA_KEY, "one", alg="RS256"), public(EC_KEY, "two")]
        self.issuer = ISSUER
        self.asked = []
        self.is_down = False
        self.now_s = 0.0

    def __call__(self, address):
        self.asked.append(address)
        if self.is_down:
            msg = "the site is down"
            raise SourceError(msg)
        if address.endswith(DISCOVERY):
            return {"issuer": self.issuer, "jwks_uri": f"{ISSUER}/keys"}
        return {"keys": self.keys}

    def verifier(self, now=NOW, **more):
        expected = Expected(ISSUER, (AUDIENCE,), **more)
        return JwtVerifier(expected, IssuerKeys(expected, self, lambda: self.now_s), lambda: now)


@pytest.fixture
def issuer():
    return Issuer()


def token(key=RSA_KEY, kid="one", algorithm="RS256", headers=(), **claims):
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": "listener000003", "exp": NOW + 300, "iat": NOW}
    given = {name: value for name, value in (usual | claims).items() if value is not None}
    return jwt.encode(given, key, algorithm, {"kid": kid} | dict(headers))


@pytest.mark.parametrize(("key", "kid", "algorithm"), [(RSA_KEY, "one", "RS256"), (EC_KEY, "two", "ES256")])
def test_a_genuine_token_counts(issuer, key, kid, algorithm):
    claims = issuer.verifier().verify(token(key, kid, algorithm))

    assert claims["sub"] == "listener000003"


@pytest.mark.parametrize("audience", [["other", AUDIENCE], AUDIENCE])
def test_an_audience_among_several_is_enough(issuer, audience):
    assert issuer.verifier().verify(token(aud=audience))


def test_a_client_stands_for_the_audience_where_the_issuer_names_none(issuer):
    assert issuer.verifier().verify(token(aud=None, client_id=AUDIENCE))
    with pytest.raises(Unauthorized, match="another audience"):
        issuer.verifier().verify(token(aud="other", client_id=AUDIENCE))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"iss": "https://issuer.example.evil"}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"aud": "other"}, "another audience"),
        ({"aud": None}, "another audience"),
        ({"aud": []}, "another audience"),
        ({"exp": NOW - 61}, "expired"),
        ({"exp": None}, "expired"),
        ({"exp": 10**15}, "times"),
        ({"exp": "soon"}, "times"),
        ({"exp": True}, "times"),
        ({"nbf": NOW + 61}, "not good yet"),
        ({"iat": NOW + 61}, "not good yet"),
        ({"key": OTHER_KEY}, "not a genuine one"),
        ({"kid": "three"}, "not a genuine one"),
        ({"algorithm": "RS512"}, "not a genuine one"),
        ({"algorithm": "PS256"}, "not a genuine one"),
        ({"headers": {"crit": ["b64"], "b64": True}}, "not a genuine one"),
    ],
)
def test_a_token_that_is_wrong_in_one_thing_is_refused(issuer, wrong, why):
    with pytest.raises(Unauthorized, match=why):
        issuer.verifier().verify(token(**wrong))


@pytest.mark.parametrize("skew_s", [-59, 59])
def test_clocks_may_differ_by_a_little(issuer, skew_s):
    assert issuer.verifier(now=NOW + skew_s).verify(token(exp=NOW, nbf=NOW))


def test_no_signature_and_a_shared_secret_are_refused(issuer):
    unsigned = token(key=None, algorithm="none")
    shared = jwt.encode({"sub": "x", "iss": ISSUER}, b"a" * 64, "HS256", {"kid": "one"})

    for forged in (unsigned, shared, "a.b.c", "", "...", "\u0000.\u0000.\u0000", token()[:-4] + "AAAA"):
        with pytest.raises(Unauthorized, match="not a genuine one"):
            issuer.verifier().verify(forged)


def test_claims_changed_after_signing_are_refused(issuer):
    head, _, signature = token().split(".")
    other = token(sub="somebody-else").split(".")[1]

    with pytest.raises(Unauthorized):
        issuer.verifier().verify(f"{head}.{other}.{signature}")


def test_keys_are_fetched_once_and_again_when_they_have_aged(issuer):
    verifier = issuer.verifier()

    for _ in range(5):
        verifier.verify(token())
    assert issuer.asked == [ISSUER + DISCOVERY, f"{ISSUER}/keys"]
    issuer.now_s = KEYS_LAST_S
    verifier.verify(token())

    assert len(issuer.asked) == 4


def test_a_new_key_is_looked_for_but_not_for_every_invented_one(issuer):
    verifier = issuer.verifier(keys_address=f"{ISSUER}/keys")
    verifier.verify(token())
    issuer.keys = [public(OTHER_KEY, "next")]

    for number in range(20):
        with pytest.raises(Unauthorized):
            verifier.verify(token(kid=f"invented{number}"))
    assert len(issuer.asked) == 1
    issuer.now_s = LOOK_AGAIN_S

    assert verifier.verify(token(OTHER_KEY, "next"))
    assert len(issuer.asked) == 2


def test_a_retired_key_counts_no_more(issuer):
    verifier = issuer.verifier()
    verifier.verify(token())
    issuer.keys = [public(OTHER_KEY, "next")]
    issuer.now_s = KEYS_LAST_S

    with pytest.raises(Unauthorized):
        verifier.verify(token())


def test_known_keys_outlast_a_failure_of_the_issuer_and_unknown_ones_let_nobody_in(issuer):
    verifier = issuer.verifier()
    verifier.verify(token())
    issuer.is_down = True
    issuer.now_s = KEYS_LAST_S

    assert verifier.verify(token())
    with pytest.raises(SourceError):
        issuer.verifier().verify(token())


def test_a_discovery_document_of_another_issuer_is_refused(issuer):
    issuer.issuer = "https://evil.example"

    with pytest.raises(SourceError, match="another issuer"):
        issuer.verifier().verify(token())


def test_the_application_answers_with_what_is_wrong_and_never_with_the_token(shelf, issuer):
    client = TestClient(create_app(shelf, Identity(verifier=issuer.verifier()), shelf), **LOCAL)

    def ask(given):
        return client.get("/taste/summary", headers={"Authorization": f"Bearer {given}"})

    expired = token(exp=NOW - 100)
    assert ask(token()).json()["known"] is True
    assert ask(expired).status_code == 401
    assert expired not in ask(expired).text
    issuer.is_down, issuer.now_s = True, 100 * KEYS_LAST_S
    down = ask(token())
    assert down.status_code == 502
    assert down.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        ({"roles": ["a", "operator", 3]}, {"a", "operator"}),
        ({"roles": "[a operator]"}, {"a", "operator"}),
        ({"roles": "operator"}, {"operator"}),
        ({"roles": None}, set()),
        ({"roles": {"operator": True}}, set()),
        ({}, set()),
    ],
)
def test_roles_are_read_as_issuers_and_the_gateway_write_them(claims, roles):
    event = {"requestContext": {"authorizer": {"jwt": {"claims": claims}}}}

    assert roles_of(gateway_claims(event), "roles") == roles


def test_an_issuer_needs_an_audience():
    with pytest.raises(InvalidInput, match="TIMBRAL_JWT_AUDIENCES"):
        Services(Settings(jwt_issuer=ISSUER)).serving.identity()


class _Site(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "/keys")
            self.end_headers()
            return
        issuer = f"http://127.0.0.1:{self.server.server_port}"
        found = {"keys": [public(RSA_KEY, "one")]}
        if self.path == DISCOVERY:
            found = {"issuer": issuer, "jwks_uri": f"{issuer}/keys"}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps([found] if self.path == "/list" else found).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_settings_are_enough_to_verify_tokens_of_a_real_site(site):
    import time

    identity = Services(Settings(jwt_issuer=site, jwt_audiences=(AUDIENCE,))).serving.identity()
    now = int(time.time())

    assert identity.verifier.verify(token(iss=site, exp=now + 60, iat=now))["sub"] == "listener000003"


@pytest.mark.parametrize("path", ["/elsewhere", "/list"])
def test_a_site_that_redirects_or_sends_something_else_is_refused(site, path):
    with pytest.raises(SourceError):
        fetch_document(site + path)


@pytest.mark.parametrize(
    "address", ["http://issuer.example/keys", "file:///etc/hostname", "ftp://127.0.0.1/x"]
)
def test_documents_are_read_over_https_only(address):
    with pytest.raises(SourceError, match="https only"):
        fetch_document(address)
