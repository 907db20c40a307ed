"""Who and what is let in: nobody unknown, and nothing too large."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from timbral.api.headers import header
from timbral.api.problems import Forbidden

if TYPE_CHECKING:
    from starlette.types import Scope

    from timbral.api.identity import Identity

OPEN_PATHS = frozenset({"/healthz", "/docs", "/openapi.json"})
INTERNAL = "/internal"
MOST_BODY_BYTES = 256 * 1024


def admit(scope: Scope, body: bytes, identity: Identity, most_body_bytes: int) -> None:
    """Let a request in only with a verified identity and a body of sensible size.

    Args:
        scope: The request; who asks is noted in its state.
        body: Its body, of which no more need be there than that it is too large.
        identity: Tells who is asking.
        most_body_bytes: The largest body let in.

    Raises:
        Unauthorized: Nobody vouches for who asks.
        Forbidden: The address is for operators.
        HTTPException: The body is too large (413), or its declared length is no number (400).
    """
    if scope["path"] not in OPEN_PATHS:
        person = identity.person(scope)
        if scope["path"].startswith(INTERNAL) and not person.is_operator:
            msg = "this address is for operators only"
            raise Forbidden(msg)
        scope.setdefault("state", {})["listener_id"] = person.listener_id
    # A length need not be declared, nor declared truly.
    if max(declared_length(header(scope, b"content-length")), len(body)) > most_body_bytes:
        raise HTTPException(413, f"A body may have {most_body_bytes} bytes at most.")


def declared_length(declared: str) -> int:
    """Return the length that a header declares; 0 if there is none.

    Raises:
        HTTPException: It isn't a number (400).
    """
    if not declared:
        return 0
    if not declared.isascii() or not declared.isdigit() or len(declared) > 18:  # noqa: PLR2004  fits 64 bits
        raise HTTPException(400)
    return int(declared)
