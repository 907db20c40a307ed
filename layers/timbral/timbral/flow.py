"""The flow: the stages in their order, run over one set of pinned snapshots."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from timbral.job_log import Unlogged

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from timbral.job_log import RunLog
    from timbral.progress import Progress
    from timbral.stage import Pins, StageResult
    from timbral.store.snapshots import Snapshot


@dataclass(frozen=True)
class Step:
    """One stage, with all but the run's pins and its watcher already given.

    Attributes:
        stage: Its word.
        run: Does the work.
    """

    stage: str
    run: Callable[[Pins, Progress], StageResult]


@dataclass(frozen=True)
class StepReport:
    """What one step did.

    Attributes:
        stage: Its word.
        rows_count: Rows in its output.
        computed_count: Rows that had to be computed.
        reused_count: Rows that were as before.
        elapsed_s: How long it took.
        peak_memory_mb: The process's highest memory so far, after the step.
        quarantined: Rows set aside, by reason.
        notes: What else a reader should know.
    """

    stage: str
    rows_count: int
    computed_count: int
    reused_count: int
    elapsed_s: float
    peak_memory_mb: float
    quarantined: dict[str, int] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Rows computed a second."""
        return self.computed_count / self.elapsed_s if self.elapsed_s > 0 else 0.0

    @property
    def had_work(self) -> bool:
        """Whether anything had to be computed."""
        return self.computed_count > 0


def run_steps(
    steps: Sequence[Step],
    progress: Progress,
    *,
    clock_s: Callable[[], float],
    memory_mb: Callable[[], float],
    report: Callable[[StepReport], None],
    log: RunLog | None = None,
) -> list[StepReport]:
    """Run steps in order, each over the snapshots that those before it pinned or published.

    A run never sees what another run publishes meanwhile: it reads only what it pinned itself.

    Args:
        steps: The steps, in the order of `STAGES`.
        progress: Watches the work.
        clock_s: A monotonic clock.
        memory_mb: The process's peak memory.
        report: Told of each step when it is done.
        log: Keeps each step; nobody by default.

    Returns:
        The reports, in order.
    """
    pins: dict[str, Snapshot] = {}
    reports = []
    for step in steps:
        started_s = clock_s()
        with (log or Unlogged()).step(step.stage) as outcome:
            outcome.inputs = {name: snapshot.id for name, snapshot in pins.items()}
            result = step.run(pins, progress)
            outcome.of_stage(result)
        pins.update(result.snapshots)
        done = StepReport(
            stage=step.stage,
            rows_count=result.rows_count,
            computed_count=result.computed_count,
            reused_count=result.reused_count,
            elapsed_s=clock_s() - started_s,
            peak_memory_mb=memory_mb(),
            quarantined=result.quarantined,
            notes=result.notes,
        )
        report(done)
        reports.append(done)
    return reports
