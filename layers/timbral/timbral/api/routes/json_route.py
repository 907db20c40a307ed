"""Routes that take JSON and nothing else."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from starlette.exceptions import HTTPException

from timbral.api.routes.answer_route import AnswerRoute


class JsonRoute(AnswerRoute):
    """Refuses a body of another media type before it is read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler with the check before it."""
        answer = super().get_route_handler()

        async def checked(request: Request) -> Response:
            if self.body_field is not None and not is_json(request.headers.get("content-type", "")):
                raise HTTPException(415, headers={"Accept": "application/json"})
            return await answer(request)

        return checked


def is_json(content_type: str) -> bool:
    """Return whether a Content-Type header means JSON."""
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )
