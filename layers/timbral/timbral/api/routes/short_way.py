"""The short way to a plain endpoint, past layers of the framework that a right request doesn't need."""

from collections.abc import Sequence

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from timbral.api.problems import refusal
from timbral.api.routes.answer_route import AnswerRoute, steadily, written
from timbral.api.routes.plain_request import PlainEndpoint
from timbral.errors import TimbralError


class ShortWay:
    """Answers plain requests itself, as the framework would, and passes all others on to it.

    Args:
        app: The framework.
        routes: All routes, in the order in which they are tried.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self.app = app
        self._plain = [
            (route.path_regex, route.plain)
            for route in routes
            if isinstance(route, AnswerRoute) and route.plain and route.methods == {"GET"}
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        found = self._found(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        if found is None:
            await self.app(scope, receive, send)
            return
        plain, parts = found
        request = Request(scope, receive, send)
        named = plain.arguments(request, parts)
        if named is None:
            await self.app(scope, receive, send)
            return
        try:
            response = written(await steadily(request, lambda: plain.answer(request, named)))
        except (TimbralError, HTTPException) as error:
            response = refusal(error)
        await response(scope, receive, send)

    def _found(self, scope: Scope) -> tuple[PlainEndpoint, dict[str, str]] | None:
        path = scope["path"]
        for pattern, plain in self._plain:
            if match := pattern.match(path):
                return plain, match.groupdict()
        return None
