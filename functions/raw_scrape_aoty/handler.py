"""Look up new releases at Album of the Year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from timbral import wiring
from timbral.operations import enrichment
from timbral.operations.observed import observed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@observed
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Look up what many hear and what a search asked for; off unless the setting says otherwise."""
    return enrichment.scrape_aoty(wiring.services())
