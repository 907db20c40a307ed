"""Routes whose functions are plain ones, run straight through, and may answer with plain dictionaries.

An answer from a release that was withdrawn meanwhile is made anew, whole, from the one in its place.
"""

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

import orjson
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from timbral.api.routes.plain_request import PlainEndpoint
from timbral.errors import TimbralError

Result = TypeVar("Result")


class AnswerRoute(APIRoute):
    """Runs its function where the request is, not in a thread apart; see `timbral.api.straight`."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Take the route's function; see `fastapi.routing.APIRoute`."""
        self.plain = PlainEndpoint.of(endpoint)
        super().__init__(path, straight(endpoint), **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler with a second try."""
        through = super().get_route_handler()

        async def steady(request: Request) -> Response:
            return await steadily(request, lambda: through(request))

        return steady


async def steadily(request: Request, answer: Callable[[], Awaitable[Result]]) -> Result:
    """Answer, and once more if it fails because what is answered from is served no more."""
    try:
        return await answer()
    except Exception as error:
        if not is_servers_fault(error) or not has_moved(request):
            raise
    return await answer()


def is_servers_fault(error: Exception) -> bool:
    """Return whether a failure is none that the caller could mend."""
    if isinstance(error, HTTPException | RequestValidationError):
        return False
    return not isinstance(error, TimbralError) or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR


def has_moved(request: Request) -> bool:
    """Return whether the release that a request was answered from is served no more."""
    release = getattr(request.state, "release", None)
    return release is not None and bool(request.app.state.releases.moved_from(release))


def straight(endpoint: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """Make a coroutine function of a plain one, so that the framework hands it to no thread.

    A dictionary is written as it is: types say that it has the contract's shape, and tests hold every answer
    against it; checking each of hundreds of fields again takes longer than writing them.
    """

    @wraps(endpoint)
    async def answered(*args: Any, **named: Any) -> Any:
        answer = endpoint(*args, **named)
        return written(answer) if isinstance(answer, dict) else answer

    return answered


def written(answer: dict[str, Any]) -> Response:
    """Write an answer as JSON."""
    return Response(orjson.dumps(answer), media_type="application/json")
