"""The application behind API Gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from mangum.handlers.utils import handle_base64_response_body

from timbral.api.problems import MEDIA_TYPE
from timbral.api.straight import collect_rarely

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mangum.types import LambdaContext, LambdaEvent

    from timbral.api.application import Application


class StraightMangum(Mangum):  # type: ignore[misc]  # it ships no types
    """Mangum without its event loop: an answer never waits, so it is made in the handler's own thread."""

    app: Application

    def __call__(self, event: LambdaEvent, context: LambdaContext) -> dict[str, Any]:
        """Answer an event."""
        request = self.infer(event, context)
        answer = self.app.answer(request.scope, request.body)
        headers, cookies = joined(answer.headers)
        body, is_encoded = handle_base64_response_body(answer.body, headers, self.config["text_mime_types"])
        response = {
            "statusCode": answer.status,
            "headers": headers,
            "body": body,
            "isBase64Encoded": is_encoded,
        }
        return response | {"cookies": cookies} if cookies else response


def joined(headers: Iterable[tuple[bytes, bytes]]) -> tuple[dict[str, str], list[str]]:
    """Join headers of one name as payload 2.0 wants them; cookies stand apart.

    Mangum does the same, but makes the request anew for it.
    """
    one_each: dict[str, str] = {}
    cookies: list[str] = []
    for name, value in headers:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        if key == "set-cookie":
            cookies.append(text)
        else:
            one_each[key] = f"{one_each[key]}, {text}" if key in one_each else text
    return one_each, cookies


def lambda_handler(app: Application) -> Mangum:
    """Return a Lambda handler of API Gateway's HTTP API events (payload 2.0)."""
    collect_rarely()
    return StraightMangum(app, lifespan="off", text_mime_types=[*DEFAULT_TEXT_MIME_TYPES, MEDIA_TYPE])
