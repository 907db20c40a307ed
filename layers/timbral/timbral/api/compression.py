"""Answers compressed for whoever takes them so."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from starlette.middleware.gzip import GZipMiddleware

from timbral.api.headers import header

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

SMALLEST_COMPRESSED_BYTES = 1_000
COMPRESSION_LEVEL = 5


class Compression(GZipMiddleware):
    """Compresses what is worth it in the request's own thread, and leaves alone whoever doesn't ask for it.

    Args:
        app: The application whose answers these are.
    """

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            app,
            minimum_size=SMALLEST_COMPRESSED_BYTES,
            compresslevel=COMPRESSION_LEVEL,
            thread_minimum_size=sys.maxsize,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and takes_gzip(scope):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def takes_gzip(scope: Scope) -> bool:
    """Return whether who asks takes answers compressed."""
    return "gzip" in header(scope, b"accept-encoding")
