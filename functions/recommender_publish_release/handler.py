"""Serve a new release, if the gate let it through."""

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
    """Move the pointer to the release that was made of the pinned snapshots."""
    done = events.publish_release(wiring.services(), event)
    metrics.add_metric("served_releases", "Count", done["report"]["served"])
    logger.info("publishing is done", report=done["report"])
    return done
