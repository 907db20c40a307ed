"""Pin what has landed so far: a run reads this and nothing later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from timbral import wiring
from timbral.operations import running
from timbral.operations.observed import observed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@observed
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Pin every raw table; compact those that have come to many parts."""
    return running.run_step(wiring.services(), "raw", event)
