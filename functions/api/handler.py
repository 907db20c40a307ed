"""The API as one Lambda function behind API Gateway's HTTP API."""

from __future__ import annotations

from typing import Any

from timbral import wiring


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one request; the application is put together at the first and kept."""
    answer: dict[str, Any] = wiring.api_handler()(event, context)
    return answer
