"""JSON Web Tokens, proven where no gateway has done so: issuer, audience, time and signature.

Sources: RFC 7519 (claims), RFC 7517 (keys), RFC 8725 (what to refuse), OpenID Connect Discovery 1.0.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from timbral.api.problems import Unauthorized
from timbral.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a key pair only: a shared secret would make everybody who verifies an issuer."""
DISCOVERY = "/.well-known/openid-configuration"
KEYS_LAST_S = 3_600.0
KEYS_OUTLAST_S = 86_400.0
"""How long keys count while their issuer can't be reached."""
LOOK_AGAIN_S = 60.0
"""A key that isn't known is looked for no oftener than this, whoever invents keys."""
MOST_KEYS = 64
LATEST_UTS = 10**12


class Fetch(Protocol):
    """Reads a JSON document from the issuer's site."""

    def __call__(self, address: str) -> Mapping[str, Any]:
        """Return the document at an address.

        Raises:
            SourceError: It can't be had.
        """


@dataclass(frozen=True)
class Expected:
    """What a token must say.

    Attributes:
        issuer: Exactly what its claim ``iss`` must be.
        audiences: One of them must be in its claim ``aud`` (or be its ``client_id``, where an issuer such
            as Cognito puts that into access tokens and no ``aud``).
        keys_address: Where the issuer's keys are; found by discovery if None.
        leeway_s: By how much clocks may differ.
    """

    issuer: str
    audiences: tuple[str, ...]
    keys_address: str | None = None
    leeway_s: float = 60.0


class IssuerKeys:
    """An issuer's public keys, fetched when needed, kept, and looked for again when it has changed them.

    Args:
        expected: Whose.
        fetch: Reads a document.
        clock_s: A monotonic clock.
    """

    def __init__(self, expected: Expected, fetch: Fetch, clock_s: Callable[[], float]) -> None:
        self._expected = expected
        self._fetch = fetch
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._keys: dict[str, Mapping[str, Any]] = {}
        self._fetched_at_s = float("-inf")
        self._tried_at_s = float("-inf")

    def key(self, kid: str) -> Mapping[str, Any] | None:
        """Return a key as RFC 7517 writes it, or None if the issuer has none of that id.

        Raises:
            SourceError: The issuer can't be reached, and its keys are unknown or too old.
        """
        with self._lock:
            now_s = self._clock_s()
            is_old = now_s - self._fetched_at_s >= KEYS_LAST_S
            if (is_old or kid not in self._keys) and now_s - self._tried_at_s >= LOOK_AGAIN_S:
                self._tried_at_s = now_s
                self._refresh(now_s)
            if now_s - self._fetched_at_s >= KEYS_OUTLAST_S:
                msg = "the issuer's keys can't be had at present"
                raise SourceError(msg)
            return self._keys.get(kid)

    def _refresh(self, now_s: float) -> None:
        try:
            found = self._fetch(self._expected.keys_address or self._discover()).get("keys")
        except SourceError:
            if now_s - self._fetched_at_s >= KEYS_OUTLAST_S:
                raise
            return  # the keys of before still count for a while
        keys = found if isinstance(found, list) else []
        usable = [key for key in keys if isinstance(key, dict) and key.get("use", "sig") == "sig"]
        self._keys = {key["kid"]: key for key in usable[:MOST_KEYS] if isinstance(key.get("kid"), str)}
        self._fetched_at_s = now_s

    def _discover(self) -> str:
        known = self._fetch(self._expected.issuer.rstrip("/") + DISCOVERY)
        address = known.get("jwks_uri")
        if known.get("issuer") != self._expected.issuer or not isinstance(address, str):
            msg = "the issuer's discovery document is of another issuer, or names no keys"
            raise SourceError(msg)
        return address


class JwtVerifier:
    """Proves tokens of one issuer; see `timbral.api.identity.TokenVerifier`.

    Args:
        expected: What tokens must say.
        keys: The issuer's keys.
        now_uts: Tells the present in Unix seconds.
    """

    def __init__(self, expected: Expected, keys: IssuerKeys, now_uts: Callable[[], float]) -> None:
        self._expected = expected
        self._keys = keys
        self._now_uts = now_uts

    def verify(self, token: str) -> Mapping[str, Any]:
        """Return the claims of a genuine and current token.

        Raises:
            Unauthorized: It is forged, expired, not yet good, or of or for somebody else.
            SourceError: The issuer's keys can't be had.
        """
        claims = self._signed_claims(token)
        if claims.get("iss") != self._expected.issuer:
            msg = "the token is of another issuer"
            raise Unauthorized(msg)
        if not set(audiences_of(claims)) & set(self._expected.audiences):
            msg = "the token is meant for another audience"
            raise Unauthorized(msg)
        check_times(claims, self._now_uts(), self._expected.leeway_s)
        return claims

    def _signed_claims(self, token: str) -> Mapping[str, Any]:
        # Importing them costs a tenth of a second, and behind a gateway nobody needs them.
        import jwt  # noqa: PLC0415  as said above

        forged = "the token is not a genuine one"
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, TypeError):
            raise Unauthorized(forged) from None
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS or not isinstance(kid, str) or header.get("crit"):
            raise Unauthorized(forged)
        key = self._keys.key(kid)
        if key is None or key.get("alg", algorithm) != algorithm:
            raise Unauthorized(forged)
        unchecked = dict.fromkeys(
            (
                "verify_aud",
                "verify_iss",
                "verify_exp",
                "verify_nbf",
                "verify_iat",
                "verify_sub",
                "verify_jti",
            ),
            False,
        )
        try:
            own = jwt.PyJWK(dict(key), algorithm)
            claims: Mapping[str, Any] = jwt.decode(token, own, algorithms=[algorithm], options=unchecked)  # type: ignore[arg-type]  # its times and parties are checked here, by the given clock
        except (jwt.PyJWTError, ValueError, TypeError):
            raise Unauthorized(forged) from None
        return claims


def audiences_of(claims: Mapping[str, Any]) -> list[str]:
    """Return whom a token is meant for."""
    found = claims.get("aud", claims.get("client_id"))
    listed = found if isinstance(found, list) else [found]
    return [one for one in listed if isinstance(one, str)]


def check_times(claims: Mapping[str, Any], now_uts: float, leeway_s: float) -> None:
    """Refuse a token that isn't good at present.

    Args:
        claims: Its claims; ``exp`` is required, ``nbf`` and ``iat`` count where they are.
        now_uts: The present.
        leeway_s: By how much clocks may differ.

    Raises:
        Unauthorized: It has expired, isn't good yet, or has no time that could be read.
    """
    times = {name: claims.get(name, 0) for name in ("exp", "nbf", "iat")}
    for found in times.values():
        if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= LATEST_UTS:
            msg = "the token's times can't be read"
            raise Unauthorized(msg)
    if times["exp"] + leeway_s <= now_uts:
        msg = "the token has expired"
        raise Unauthorized(msg)
    if max(times["nbf"], times["iat"]) - leeway_s > now_uts:
        msg = "the token is not good yet"
        raise Unauthorized(msg)
