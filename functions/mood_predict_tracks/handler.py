"""Predict how each track feels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from timbral import wiring
from timbral.operations import running
from timbral.operations.observed import observed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@observed
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Predict energy, valence and moods of the pinned tracks."""
    return running.run_step(wiring.services(), "mood", event)
