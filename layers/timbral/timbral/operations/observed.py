"""What every function says of itself: one log line, metrics and a trace an invocation, under one id.

The id is the run's: it stands in the event, in each line of the log, on the trace and in the rows of
``job_log``, so that from any of them one finds the others.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit, single_metric

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

RATES = ("click_through_rate", "long_play_rate", "save_rate")
COUNTS = ("rows_count", "computed_count", "reused_count")
"""What of a step's report becomes metrics, beside its time and the rows that were set aside."""


def observed(handler: Handler) -> Handler:
    """Log, measure and trace a function that does a step.

    Args:
        handler: Answers with a ``report``; its fields `COUNTS`, ``elapsed_s`` and ``quarantined``, and each
            of its ``gauges``, become metrics of the dimension ``step``, its ``stage``; the `RATES` of each of
            its ``received`` become metrics of the dimension ``shown_in``.

    Returns:
        The same handler, watched. An error is logged with the run's id and raised again.
    """
    logger, metrics = Logger(), Metrics()

    @functools.wraps(handler)
    def watched(event: dict[str, Any], context: Any) -> dict[str, Any]:
        try:
            answer = handler(event, context)
        except Exception:
            logger.exception("the step failed")
            raise
        measure(metrics, answer["report"])
        logger.info("the step is done", report=answer["report"])
        return answer

    measured = metrics.log_metrics(watched, capture_cold_start_metric=True)
    logged: Handler = logger.inject_lambda_context(measured, correlation_id_path="run")
    return _traced(logged)


def measure(metrics: Metrics, report: Mapping[str, Any]) -> None:
    """Turn a step's report into metrics."""
    metrics.add_dimension(name="step", value=str(report["stage"]))
    for name in COUNTS:
        metrics.add_metric(name, MetricUnit.Count, report.get(name, 0))
    metrics.add_metric("quarantined_count", MetricUnit.Count, sum(report.get("quarantined", {}).values()))
    for name, value in report.get("gauges", {}).items():
        metrics.add_metric(name, MetricUnit.NoUnit, value)
    metrics.add_metric("elapsed_ms", MetricUnit.Milliseconds, 1_000 * report.get("elapsed_s", 0.0))
    for received in report.get("received", ()):
        _measure_received(received)


def _measure_received(received: Mapping[str, Any]) -> None:
    """Write rates of one place as metrics of the dimension ``shown_in``; the release stands beside them.

    It is no dimension: each night's would be metrics of their own, paid for and soon looked at no more.
    """
    rates = {name: value for name in RATES if (value := received.get(name)) is not None}
    for name, value in rates.items():
        with single_metric(name=name, unit=MetricUnit.NoUnit, value=value) as metric:
            metric.add_dimension(name="shown_in", value=str(received["shown_in"]))
            metric.add_metadata(key="release", value=str(received["release"]))


def _traced(handler: Handler) -> Handler:
    """Put an invocation into the trace of its run; only Lambda has somebody who takes traces."""
    if "LAMBDA_TASK_ROOT" not in os.environ:
        return handler
    from aws_lambda_powertools import Tracer  # noqa: PLC0415  it imports botocore, which only Lambda has at hand

    tracer = Tracer(auto_patch=False)  # the store is not spoken to by any client that it knows

    @functools.wraps(handler)
    def annotated(event: dict[str, Any], context: Any) -> dict[str, Any]:
        tracer.put_annotation("run", str(event.get("run", "")))
        return handler(event, context)

    traced: Handler = tracer.capture_lambda_handler(annotated, capture_response=False)
    return traced
