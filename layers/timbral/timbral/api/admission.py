"""The door: nobody unknown comes in, and nothing too large."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from timbral.api.headers import header
from timbral.api.problems import Forbidden, refusal
from timbral.errors import TimbralError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from timbral.api.identity import Identity

OPEN_PATHS = frozenset({"/healthz", "/docs", "/openapi.json"})
INTERNAL = "/internal"
MOST_BODY_BYTES = 256 * 1024


class Admission:
    """Lets a request in only with a verified identity and a body of sensible size.

    It stands before routing, so that a route added later is closed without anybody thinking of it,
    and it counts the body before anything parses it.

    Args:
        app: The application behind the door.
        identity: Tells who is asking.
        most_body_bytes: The largest body let in.
    """

    def __init__(self, app: ASGIApp, identity: Identity, most_body_bytes: int = MOST_BODY_BYTES) -> None:
        self.app = app
        self.identity = identity
        self.most_body_bytes = most_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit a request, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            if scope["path"] not in OPEN_PATHS:
                person = await self.identity.person(scope)
                if scope["path"].startswith(INTERNAL) and not person.is_operator:
                    msg = "this address is for operators only"
                    raise Forbidden(msg)
                scope.setdefault("state", {})["listener_id"] = person.listener_id
            self._weigh(declared_length(header(scope, b"content-length")))
        except (TimbralError, HTTPException) as error:
            await refusal(error)(scope, receive, send)
        else:
            await self.app(scope, self._counted(receive), send)

    def _weigh(self, length: int) -> None:
        if length > self.most_body_bytes:
            raise HTTPException(413, f"A body may have {self.most_body_bytes} bytes at most.")

    def _counted(self, receive: Receive) -> Receive:
        """Count what arrives, since a length need not be declared, nor declared truly."""
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            self._weigh(received)
            return message

        return receive_counted


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
