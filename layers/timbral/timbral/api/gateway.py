"""The application behind API Gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from mangum.protocols import HTTPCycle

from timbral.api.problems import MEDIA_TYPE
from timbral.api.straight import finish

if TYPE_CHECKING:
    from fastapi import FastAPI
    from mangum.types import LambdaContext, LambdaEvent


class StraightMangum(Mangum):  # type: ignore[misc]  # it ships no types
    """Mangum without its event loop: an answer never waits, so it is driven in the handler's own thread."""

    def __call__(self, event: LambdaEvent, context: LambdaContext) -> dict[str, Any]:
        """Answer an event."""
        handler = self.infer(event, context)
        cycle = HTTPCycle(handler.scope, handler.body)
        finish(cycle.run(self.app))
        answer: dict[str, Any] = handler(
            {"status": cycle.status, "headers": cycle.headers, "body": cycle.body}
        )
        return answer


def lambda_handler(app: FastAPI) -> Mangum:
    """Return a Lambda handler of API Gateway's HTTP API events (payload 2.0)."""
    return StraightMangum(app, lifespan="off", text_mime_types=[*DEFAULT_TEXT_MIME_TYPES, MEDIA_TYPE])
