"""Turn a chunk of what is said of all tracks into vectors, while others do the other chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from timbral import wiring
from timbral.operations import running
from timbral.operations.observed import observed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@observed
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Encode the texts of one chunk that are new, and keep them."""
    return running.encode_chunk(wiring.services(), event)
