"""Serve a new release, if the gate let it through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from timbral import wiring
from timbral.operations import publishing
from timbral.operations.observed import observed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@observed
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Move the pointer to the release that was made of the pinned snapshots."""
    return publishing.publish_release(wiring.services(), event)
