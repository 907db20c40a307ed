"""Which release answered, and whether the client has the answer already."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

from timbral.api.compression import takes_gzip
from timbral.digests import digest_bytes

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

CACHE_CONTROL = "private, no-cache"
RELEASE_HEADER = "X-Timbral-Release"
UNCOMPRESSED_VARY = "Authorization, Accept-Encoding"
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
        headers = MutableHeaders(raw=list(self.start["headers"]))
        if release := self.scope.get("state", {}).get("release"):
            headers[RELEASE_HEADER] = release
        if self.start["status"] == HTTPStatus.OK:
            headers.setdefault("Cache-Control", CACHE_CONTROL)
            headers.add_vary_header("Authorization" if takes_gzip(self.scope) else UNCOMPRESSED_VARY)
            if self.scope["method"] == "GET":
                self._tag(headers)
        await self.send({**self.start, "headers": headers.raw})
        await self.send({"type": "http.response.body", "body": self.body})

    def _tag(self, headers: MutableHeaders) -> None:
        # Weak, since the same answer may go out compressed or not.
        tag = f'W/"{digest_bytes(self.body)}"'
        headers["ETag"] = tag
        if is_known(Headers(scope=self.scope).get("if-none-match", ""), tag):
            self.start = {**self.start, "status": HTTPStatus.NOT_MODIFIED.value}
            self.body = b""
            for name in ("Content-Length", "Content-Type"):
                del headers[name]


def is_known(if_none_match: str, tag: str) -> bool:
    """Return whether a client's list of tags has this one, by the weak comparison of RFC 9110."""
    known = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return "*" in known or tag.removeprefix("W/") in known
