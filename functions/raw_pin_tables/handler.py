"""Pin what has landed so far: a run reads this and nothing later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics

from timbral import events, wiring

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context(correlation_id_path="run")
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Pin every raw table; compact those that have come to many parts."""
    done = events.run_step(wiring.services(), "raw", event)
    metrics.add_metric("computed_rows", "Count", done["report"]["computed_count"])
    logger.info("raw is done", report=done["report"])
    return done
