"""The short way to a plain endpoint, past layers of the framework that a right request doesn't need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request

from timbral.api.answer import json_answer
from timbral.api.routes.answer_route import AnswerRoute, steadily
from timbral.api.straight import finish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute
    from starlette.types import Scope

    from timbral.api.answer import Answer
    from timbral.api.routes.plain_request import PlainEndpoint


class ShortWay:
    """Answers plain requests as the framework would.

    Args:
        routes: All routes, in the order in which they are tried.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._plain = [
            (route.path_regex, route.plain)
            for route in routes
            if isinstance(route, AnswerRoute) and route.plain and route.methods == {"GET"}
        ]

    def answer(self, scope: Scope) -> Answer | None:
        """Answer a request; None if it isn't plain or isn't right, and the framework shall."""
        plain, parts = self._found(scope) if scope["method"] == "GET" else (None, {})
        if plain is None:
            return None
        request = Request(scope)
        named = plain.arguments(request, parts)
        if named is None:
            return None
        return json_answer(finish(steadily(request, lambda: plain.answer(request, named))))

    def _found(self, scope: Scope) -> tuple[PlainEndpoint | None, dict[str, str]]:
        path = scope["path"]
        for pattern, plain in self._plain:
            if match := pattern.match(path):
                return plain, match.groupdict()
        return None, {}
