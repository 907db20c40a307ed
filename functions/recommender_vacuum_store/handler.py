"""Delete old releases, and parts and snapshots that nothing refers to any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from timbral import events, wiring
from timbral.observed import observed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@observed
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Delete what nothing has referred to for a week."""
    return events.vacuum_store(wiring.services(), event)
