"""An answer, whole: ours are small and never streamed."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

if TYPE_CHECKING:
    from starlette.responses import Response


class Answer(NamedTuple):
    """What goes back to whoever asked.

    Attributes:
        status: HTTP status.
        headers: Names, in lower case, and values.
        body: The body.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def answer_of(response: Response) -> Answer:
    """Return a response of the framework's as an answer."""
    return Answer(response.status_code, list(response.raw_headers), bytes(response.body))


def json_answer(content: dict[str, Any]) -> Answer:
    """Answer with JSON; the framework says the same of it."""
    body = orjson.dumps(content)
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")]
    return Answer(HTTPStatus.OK.value, headers, body)
