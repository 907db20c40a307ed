"""Headers, looked up where they lie: names in lower case and values, as ASGI has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Scope


def header(scope: Scope, name: bytes) -> str:
    """Return a request's first header of a name; empty if there is none."""
    return named(scope["headers"], name).decode("latin-1")


def named(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes:
    """Return the value of the first header of a name; empty if there is none."""
    for key, value in headers:
        if key == name:
            return value
    return b""
