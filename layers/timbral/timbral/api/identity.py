"""Who is asking: vouched for by the gateway, by a token's signature or, on this machine only, by word."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers

from timbral.api.problems import Unauthorized
from timbral.tables.columns import LISTENER_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Scope

GATEWAY_EVENT = "aws.event"
DEVELOPMENT_PREFIX = "dev:"
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
FORWARDING_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "via")
LONGEST_TOKEN = 8_192


class TokenVerifier(Protocol):
    """Proves tokens where no gateway has done so."""

    def verify(self, token: str) -> Mapping[str, Any]:
        """Return the claims of a genuine and current token; may wait for keys.

        Raises:
            Unauthorized: The token is forged, expired or meant for somebody else; the message
                doesn't repeat it.
        """


@dataclass(frozen=True)
class Identity:
    """Tells who is asking; without any proof, nobody is.

    Behind API Gateway its JWT authorizer's claims count, and nothing else. Elsewhere a bearer token
    must pass the verifier. In development mode ``Bearer dev:<listener>`` is believed, but only from
    this very machine, asked for by a loopback name and not forwarded by anybody.

    Attributes:
        verifier: Proves tokens outside Lambda; None refuses them all.
        development: Whether development mode is on.
        claim: The claim that holds the listener's id.
    """

    verifier: TokenVerifier | None = None
    development: bool = False
    claim: str = "sub"

    async def listener_id(self, scope: Scope) -> str:
        """Return the id of the listener who sent a request.

        Raises:
            Unauthorized: Nobody vouches for them.
        """
        if GATEWAY_EVENT in scope:
            return listener_of(gateway_claims(scope[GATEWAY_EVENT]), self.claim)
        token = bearer_token(Headers(scope=scope))
        if self.development and token.startswith(DEVELOPMENT_PREFIX):
            return listener_of({"sub": developer_of(token, scope)}, "sub")
        if self.verifier is None:
            msg = "tokens can't be verified here: no verifier is configured"
            raise Unauthorized(msg)
        return listener_of(await run_in_threadpool(self.verifier.verify, token), self.claim)


def gateway_claims(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the claims that API Gateway's JWT authorizer has verified (HTTP API, payload 2.0).

    Raises:
        Unauthorized: The route has no such authorizer.
    """
    try:
        claims: Mapping[str, Any] = event["requestContext"]["authorizer"]["jwt"]["claims"]
    except (KeyError, TypeError):
        msg = "the gateway has verified nobody"
        raise Unauthorized(msg) from None
    return claims


def listener_of(claims: Mapping[str, Any], claim: str) -> str:
    """Return the listener that claims speak of.

    Raises:
        Unauthorized: The claim is missing, or not a name that a listener can have.
    """
    found = claims.get(claim)
    listener_id = found if isinstance(found, str) and found.isprintable() else ""
    longest = LISTENER_ID.longest or 0
    if not 1 <= len(listener_id) <= longest:
        msg = f"the claim {claim!r} must be a printable text of 1 to {longest} characters"
        raise Unauthorized(msg)
    return listener_id


def bearer_token(headers: Headers) -> str:
    """Return the one bearer token of a request (RFC 6750).

    Raises:
        Unauthorized: There is none, or more than one.
    """
    given = headers.getlist("authorization")
    scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    token = token.strip()
    if scheme.lower() != "bearer" or not 1 <= len(token) <= LONGEST_TOKEN or " " in token:
        msg = "send one header 'Authorization: Bearer <token>'"
        raise Unauthorized(msg)
    return token


def developer_of(token: str, scope: Scope) -> str:
    """Return whom a development token names; other than ASCII characters are percent-encoded.

    Raises:
        Unauthorized: The request doesn't come straight from this machine, or the name isn't UTF-8.
    """
    if not is_local(scope):
        msg = "development tokens are believed on the loopback address only"
        raise Unauthorized(msg)
    try:
        return unquote(token.removeprefix(DEVELOPMENT_PREFIX), errors="strict")
    except UnicodeDecodeError:
        msg = "a development token names its listener in percent-encoded UTF-8"
        raise Unauthorized(msg) from None


def is_local(scope: Scope) -> bool:
    """Return whether a request comes from this machine, addressed to it by name, through no proxy.

    The name matters: a web page elsewhere can make its own name point to 127.0.0.1.
    """
    headers = Headers(scope=scope)
    if any(name in headers for name in FORWARDING_HEADERS):
        return False
    host = headers.get("host", "")
    name = host if host.endswith("]") else host.rsplit(":", 1)[0]
    try:
        peer = ipaddress.ip_address((scope.get("client") or ("",))[0])
    except ValueError:
        return False
    return peer.is_loopback and name.lower() in LOOPBACK_NAMES
