"""Which release answered, and whether the client has the answer already."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING

from timbral.api.compression import takes_gzip
from timbral.api.headers import header

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

CACHE_CONTROL = b"private, no-cache"
RELEASE_HEADER = b"x-timbral-release"
OF_A_BODY = (b"content-length", b"content-type")
UNCOMPRESSED_VARY = b"Authorization, Accept-Encoding"
"""Of an answer that isn't compressed because nobody asked for it; compression itself says so of others."""


class Freshness:
    """Names the release of each answer, tags what can be asked for again, and answers 304.

    An answer is its listener's own: caches may keep it for them, but ask again before using it.
    The tag is a digest of the answer itself, so it can't be wrong about what has changed.

    Args:
        app: The application whose answers these are.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and finish its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await self.app(scope, receive, _Finish(scope, send))


class _Finish:
    """Holds an answer back until it is whole; our answers are small and never streamed."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.send = send
        self.start: Message = {}
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            return
        self.body += message.get("body", b"")
        if not message.get("more_body", False):
            await self._finish()

    async def _finish(self) -> None:
        headers: list[tuple[bytes, bytes]] = list(self.start["headers"])
        if release := self.scope.get("state", {}).get("release"):
            headers.append((RELEASE_HEADER, release.encode("latin-1")))
        if self.start["status"] == HTTPStatus.OK:
            if all(name != b"cache-control" for name, _ in headers):
                headers.append((b"cache-control", CACHE_CONTROL))
            headers.append((b"vary", b"Authorization" if takes_gzip(self.scope) else UNCOMPRESSED_VARY))
            if self.scope["method"] == "GET":
                headers = self._tagged(headers)
        await self.send({**self.start, "headers": headers})
        await self.send({"type": "http.response.body", "body": self.body})

    def _tagged(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        # Weak, since the same answer may go out compressed or not. Processors have instructions for this digest.
        tag = f'W/"{hashlib.sha256(self.body, usedforsecurity=False).hexdigest()}"'
        if is_known(header(self.scope, b"if-none-match"), tag):
            self.start = {**self.start, "status": HTTPStatus.NOT_MODIFIED.value}
            self.body = b""
            headers = [own for own in headers if own[0] not in OF_A_BODY]
        return [*headers, (b"etag", tag.encode())]


def is_known(if_none_match: str, tag: str) -> bool:
    """Return whether a client's list of tags has this one, by the weak comparison of RFC 9110."""
    known = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return "*" in known or tag.removeprefix("W/") in known
