"""The log of runs: a row when a step begins, and another when it ends, well or badly.

All who do a step keep it here: `timbral run`, functions and jobs. What a function was killed at shows as
a row that has begun and never ended.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from timbral.digests import digest_json
from timbral.errors import TimbralError
from timbral.tables.runs import JOB_LOG, LONGEST_NOTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from timbral.stage import StageResult
    from timbral.store.tables import Tables


@dataclass
class Outcome:
    """What a step says of itself while it runs; kept when it ends.

    Attributes:
        counts: ``rows_count``, ``computed_count``, ``reused_count`` and ``quarantined_count``.
        inputs: Snapshot ids by table, as it was told.
        outputs: Snapshot ids by table, as it published them.
        notes: What else is to be known; it may name no listener.
    """

    counts: dict[str, int] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)

    def of_stage(self, result: StageResult) -> None:
        """Take over what a stage did."""
        self.counts = {
            "rows_count": result.rows_count,
            "computed_count": result.computed_count,
            "reused_count": result.reused_count,
            "quarantined_count": sum(result.quarantined.values()),
        }
        self.outputs = {name: snapshot.id for name, snapshot in result.snapshots.items()}
        self.notes = result.notes


class RunLog(Protocol):
    """Keeps the steps of one run."""

    def step(self, name: str) -> AbstractContextManager[Outcome]:
        """Keep one step, from its start to its end."""


class Unlogged:
    """Keeps nothing."""

    def step(self, name: str) -> AbstractContextManager[Outcome]:
        """Keep nothing of a step."""
        del name
        return contextlib.nullcontext(Outcome())


@dataclass(frozen=True)
class Worker:
    """Who does a run's steps.

    Attributes:
        name: The function, job or command.
        log_stream: Where its own log lies, if anywhere.
    """

    name: str
    log_stream: str | None = None


class JobLog:
    """The log of one run's steps in the store.

    Args:
        tables: The store.
        run_id: The run.
        worker: Who does the steps.
        clock_ms: The present, in Unix milliseconds.
        memory_mb: The process's peak memory.
        attempt: How often the steps had been tried before.
    """

    def __init__(
        self,
        tables: Tables,
        run_id: str,
        worker: Worker,
        *,
        clock_ms: Callable[[], int],
        memory_mb: Callable[[], float],
        attempt: int = 0,
    ) -> None:
        self._tables = tables
        self._run = {"run_id": run_id, "attempt": attempt}
        self._who = {"worker": worker.name, "log_stream": worker.log_stream}
        self._clock_ms = clock_ms
        self._memory_mb = memory_mb

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[Outcome]:
        """Keep one step: a row now, and one when it has ended.

        Args:
            name: What is done, unique within the run.

        Raises:
            StoreError: The log can't be written, and nothing else went wrong.
        """
        started_at_ms, outcome = self._clock_ms(), Outcome()
        self._write(name, "started", started_at_ms, outcome)
        try:
            yield outcome
        except Exception as error:
            with contextlib.suppress(TimbralError):  # what ended the step is what its caller must hear of
                self._write(name, "failed", started_at_ms, outcome, type(error).__name__)
            raise
        self._write(name, "done", started_at_ms, outcome)

    def _write(
        self, step: str, status: str, started_at_ms: int, outcome: Outcome, error: str | None = None
    ) -> None:
        import pyarrow as pa  # noqa: PLC0415  importing it costs 90 ms, which only those who log pay

        at_ms = max(self._clock_ms(), started_at_ms)
        row = {
            **self._run,
            **self._who,
            **_said(outcome),
            "step": step,
            "status": status,
            "started_at_ms": started_at_ms,
            "at_ms": at_ms,
            "elapsed_ms": at_ms - started_at_ms,
            "peak_memory_mb": self._memory_mb(),
            "error": error,
        }
        part = digest_json([*self._run.values(), step, status])
        self._tables.append(JOB_LOG, pa.Table.from_pylist([row], JOB_LOG.schema), part)


def _said(outcome: Outcome) -> dict[str, Any]:
    none = dict.fromkeys(("rows_count", "computed_count", "reused_count", "quarantined_count"), 0)
    notes = orjson.dumps(dict(outcome.notes), option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS).decode()
    return {
        **(none | outcome.counts),
        "inputs": _pairs(outcome.inputs),
        "outputs": _pairs(outcome.outputs),
        "notes": notes if len(notes) <= LONGEST_NOTES else '{"too_long": true}',
    }


def _pairs(snapshots: Mapping[str, str]) -> list[str]:
    return [f"{name}@{snapshot}" for name, snapshot in sorted(snapshots.items())]
