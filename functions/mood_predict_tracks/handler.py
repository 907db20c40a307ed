"""Predict how each track feels."""

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
    """Predict energy, valence and moods of the pinned tracks."""
    done = events.run_step(wiring.services(), "mood", event)
    metrics.add_metric("computed_rows", "Count", done["report"]["computed_count"])
    logger.info("mood is done", report=done["report"])
    return done
