"""One step of the flow as a function or job does it: events in, the step's work, pins out.

A step is told which snapshots to read (``{"pins": {table: snapshot id}}``) and answers with those and its
own. So a flow across machines is one run as it is on a laptop: nothing that others publish meanwhile gets
into it, and a step that is told the same again does nothing and answers the same.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from timbral.operations import steps
from timbral.operations.events import ChunkEvent, Pinned, StepEvent, read_event
from timbral.progress import Silent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from timbral.progress import Progress
    from timbral.stage import Pins, StageResult
    from timbral.wiring import Services


def run_step(
    services: Services, stage: str, event: Mapping[str, Any], progress: Progress | None = None
) -> dict[str, Any]:
    """Run one step of the flow over exactly the snapshots that an event pins.

    Args:
        services: Settings and adapters.
        stage: The step's word.
        event: See `StepEvent`.
        progress: Told of the work; nobody by default.

    Returns:
        ``pins``: those of the event and what the step published; ``report``: what it did.

    Raises:
        InvalidInput: The event isn't what it must be; the message names the field.
        NotFound: The store has not what the event names.
    """
    told = read_event(StepEvent, event)
    return _run_logged(services, told, stage, stage, steps.step_of(services, stage), progress=progress)


def encode_chunk(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """Encode one chunk of the pinned tracks' texts.

    Args:
        services: Settings and adapters.
        event: See `ChunkEvent`.

    Returns:
        As `run_step`; it publishes nothing.

    Raises:
        InvalidInput: The event isn't what it must be.
        NotFound: There is no encoder yet.
    """
    told = read_event(ChunkEvent, event)
    work = partial(steps.encode_chunk, services, chunk=told.chunk)
    return _run_logged(services, told, "embeddings", f"embeddings/{told.chunk}", work)


def _run_logged(
    services: Services,
    told: StepEvent,
    stage: str,
    name: str,
    work: Callable[[Pins, Progress], StageResult],
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    pins = Pinned(services.tables, told.pins)
    started_s = time.monotonic()
    with services.job_log(told.run, told.attempt).step(name) as outcome:
        outcome.inputs = pins.ids
        result = work(pins, progress or Silent())
        outcome.of_stage(result)
    published = dict(outcome.outputs)
    return {"pins": pins.ids | published, "report": _report(stage, result, time.monotonic() - started_s)}


def _report(stage: str, result: StageResult, elapsed_s: float) -> dict[str, Any]:
    return {
        "stage": stage,
        "rows_count": result.rows_count,
        "computed_count": result.computed_count,
        "reused_count": result.reused_count,
        "quarantined": result.quarantined,
        "notes": result.notes,
        "elapsed_s": round(elapsed_s, 3),
    }
