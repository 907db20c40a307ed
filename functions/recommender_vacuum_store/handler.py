"""Delete old releases, and parts and snapshots that nothing refers to any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from timbral import wiring
from timbral.operations import upkeep
from timbral.operations.observed import observed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@observed
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Delete what nothing has referred to for a week."""
    return upkeep.vacuum_store(wiring.services(), event)
