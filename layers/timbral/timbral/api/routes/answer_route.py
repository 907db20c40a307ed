"""Routes whose functions are plain ones, run straight through, and may answer with plain dictionaries."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import orjson
from fastapi import Response
from fastapi.routing import APIRoute


class AnswerRoute(APIRoute):
    """Runs its function where the request is, not in a thread apart; see `timbral.api.straight`."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Take the route's function; see `fastapi.routing.APIRoute`."""
        super().__init__(path, straight(endpoint), **options)


def straight(endpoint: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """Make a coroutine function of a plain one, so that the framework hands it to no thread.

    A dictionary is written as it is: types say that it has the contract's shape, and tests hold every answer
    against it; checking each of hundreds of fields again takes longer than writing them.
    """

    @wraps(endpoint)
    async def answered(*args: Any, **named: Any) -> Any:
        answer = endpoint(*args, **named)
        if isinstance(answer, dict):
            return Response(orjson.dumps(answer), media_type="application/json")
        return answer

    return answered
