"""The application behind API Gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES

from timbral.api.problems import MEDIA_TYPE

if TYPE_CHECKING:
    from fastapi import FastAPI


def lambda_handler(app: FastAPI) -> Mangum:
    """Return a Lambda handler of API Gateway's HTTP API events (payload 2.0)."""
    return Mangum(app, lifespan="off", text_mime_types=[*DEFAULT_TEXT_MIME_TYPES, MEDIA_TYPE])
