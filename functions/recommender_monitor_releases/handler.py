"""Look at the whole once a day: the release's age, the drift of tags, steps that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from timbral import wiring
from timbral.operations import upkeep
from timbral.operations.observed import observed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@observed
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Measure what alarms watch, and say whether moods must be learned anew."""
    return upkeep.monitor_releases(wiring.services(), event)
