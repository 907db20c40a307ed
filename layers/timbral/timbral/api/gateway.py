"""The application behind API Gateway."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from mangum.handlers.utils import handle_base64_response_body

from timbral.api.problems import MEDIA_TYPE
from timbral.api.straight import collect_rarely, drive

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import FastAPI
    from mangum.types import LambdaContext, LambdaEvent
    from starlette.types import Message


_log = logging.getLogger(__name__)


class StraightMangum(Mangum):  # type: ignore[misc]  # it ships no types
    """Mangum without its event loop: an answer never waits, so it is driven in the handler's own thread."""

    def __call__(self, event: LambdaEvent, context: LambdaContext) -> dict[str, Any]:
        """Answer an event."""
        request = self.infer(event, context)
        told: list[Message] = []
        try:
            drive(self.app, request.scope, request.body, told)
        except Exception:  # noqa: BLE001  the application has told who asks before it let us know
            _log.exception("an answer failed")
        start, *parts = told or [{"status": HTTPStatus.INTERNAL_SERVER_ERROR.value, "headers": ()}]
        headers, cookies = joined(start["headers"])
        whole = b"".join(part.get("body", b"") for part in parts)
        body, is_encoded = handle_base64_response_body(whole, headers, self.config["text_mime_types"])
        answer = {
            "statusCode": start["status"],
            "headers": headers,
            "body": body,
            "isBase64Encoded": is_encoded,
        }
        return answer | {"cookies": cookies} if cookies else answer


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


def lambda_handler(app: FastAPI) -> Mangum:
    """Return a Lambda handler of API Gateway's HTTP API events (payload 2.0)."""
    collect_rarely()
    return StraightMangum(app, lifespan="off", text_mime_types=[*DEFAULT_TEXT_MIME_TYPES, MEDIA_TYPE])
