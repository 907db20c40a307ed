"""Who is asking: vouched for by the gateway, by a token's signature or, on this machine only, by word."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

from starlette.datastructures import Headers

from timbral.api.problems import Unauthorized
from timbral.tables.columns import LISTENER_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Scope

GATEWAY_EVENT = "aws.event"
DEVELOPMENT_PREFIX = "dev:"
DEVELOPMENT_OPERATOR_PREFIX = "dev-operator:"
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
class Person:
    """Who is asking.

    Attributes:
        listener_id: Their id.
        is_operator: Whether they have the operator's role, which internal routes ask for.
    """

    listener_id: str
    is_operator: bool = False


@dataclass(frozen=True)
class Identity:
    """Tells who is asking; without any proof, nobody is.

    Behind API Gateway its JWT authorizer's claims count, and nothing else. Elsewhere a bearer token
    must pass the verifier. In development mode ``Bearer dev:<listener>`` is believed (and
    ``dev-operator:<listener>`` for the operator's role), but only from this very machine, asked for by a
    loopback name and not forwarded by anybody.

    Attributes:
        verifier: Proves tokens outside Lambda; None refuses them all.
        development: Whether development mode is on.
        claim: The claim that holds the listener's id.
        roles_claim: The claim that lists somebody's roles.
        operator_role: The role that internal routes ask for.
    """

    verifier: TokenVerifier | None = None
    development: bool = False
    claim: str = "sub"
    roles_claim: str = "roles"
    operator_role: str = "operator"

    def person(self, scope: Scope) -> Person:
        """Return who sent a request.

        Raises:
            Unauthorized: Nobody vouches for them.
            SourceError: Nobody can vouch for anybody at present.
        """
        if GATEWAY_EVENT in scope:
            return self._of(gateway_claims(scope[GATEWAY_EVENT]))
        token = bearer_token(Headers(scope=scope))
        if self.development:
            for prefix in (DEVELOPMENT_PREFIX, DEVELOPMENT_OPERATOR_PREFIX):
                if token.startswith(prefix):
                    named = listener_of({"sub": developer_of(token.removeprefix(prefix), scope)}, "sub")
                    return Person(named, is_operator=prefix == DEVELOPMENT_OPERATOR_PREFIX)
        if self.verifier is None:
            msg = "tokens can't be verified here: no verifier is configured"
            raise Unauthorized(msg)
        return self._of(self.verifier.verify(token))

    def _of(self, claims: Mapping[str, Any]) -> Person:
        is_operator = self.operator_role in roles_of(claims, self.roles_claim)
        return Person(listener_of(claims, self.claim), is_operator)


def roles_of(claims: Mapping[str, Any], claim: str) -> frozenset[str]:
    """Return somebody's roles; the gateway writes a list as one text, ``[reader operator]``."""
    found = claims.get(claim)
    if isinstance(found, str):
        found = found.removeprefix("[").removesuffix("]").replace(",", " ").split()
    return (
        frozenset(role for role in found if isinstance(role, str)) if isinstance(found, list) else frozenset()
    )


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


def developer_of(name: str, scope: Scope) -> str:
    """Return whom a development token names; other than ASCII characters are percent-encoded.

    Args:
        name: The token without its prefix.
        scope: The request.

    Raises:
        Unauthorized: The request doesn't come straight from this machine, or the name isn't UTF-8.
    """
    if not is_local(scope):
        msg = "development tokens are believed on the loopback address only"
        raise Unauthorized(msg)
    try:
        return unquote(name, errors="strict")
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
