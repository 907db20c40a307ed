"""The daily look at the whole, and the weekly deletion of what nothing refers to."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from timbral.operations import watch
from timbral.operations.events import StepEvent, read_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from timbral.wiring import Services

VACUUM_DAYS = 7
"""How long what nothing refers to any more is spared: longer than any run or reader takes."""


def monitor_releases(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """Look at the whole, and keep the job log and the tables' listings tidy.

    Args:
        services: Settings and adapters.
        event: See `StepEvent`.

    Returns:
        ``retrain_mood``, whether the tags have drifted too far; ``report`` with what was seen as ``gauges``,
        and as ``received`` how the served release is received, by place.

    Raises:
        InvalidInput: The event isn't what it must be.
    """
    told = read_event(StepEvent, event)
    with services.job_log(told.run, told.attempt).step("recommender/monitor") as outcome:
        seen = watch.look(services, int(time.time()))
        outcome.notes = seen.gauges | {"files": watch.tidy_up(services)}
        received = _received(services)
    report = {"stage": "recommender", "gauges": seen.gauges, "received": received}
    return {"retrain_mood": seen.retrain_mood, "report": report}


def _received(services: Services) -> list[dict[str, Any]]:
    """Note how recommendations are received, and return it for the release that is served."""
    from timbral.api.metrics import keep_metrics, online_metrics  # noqa: PLC0415  others don't pay for it

    found = online_metrics(services.tables)
    keep_metrics(services.objects, found)
    pointer = services.releases.current()
    return [asdict(one) for one in found if pointer and one.release == pointer.release]


def vacuum_store(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """Delete what nothing has referred to for a week.

    Args:
        services: Settings and adapters.
        event: See `StepEvent`.

    Returns:
        ``report`` with how many objects were deleted, by table.

    Raises:
        InvalidInput: The event isn't what it must be.
    """
    told = read_event(StepEvent, event)
    with services.job_log(told.run, told.attempt).step("recommender/vacuum") as outcome:
        deleted = watch.vacuum_store(services, dt.datetime.now(dt.UTC), dt.timedelta(days=VACUUM_DAYS))
        outcome.notes = {"deleted": deleted}
    return {"report": {"stage": "recommender", "deleted": deleted, "computed_count": sum(deleted.values())}}
