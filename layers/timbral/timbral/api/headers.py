"""A request's headers, looked up where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Scope


def header(scope: Scope, name: bytes) -> str:
    """Return the first header of a name; empty if there is none.

    Args:
        scope: The request, with names of headers in lower case as ASGI has them.
        name: In lower case.
    """
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return ""
