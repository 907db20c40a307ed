"""Timing two ways of doing something side by side, turn by turn, so that both meet the same machine."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

WARM_UP = 5


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process on one core, where the system can, and products of matrices in one thread."""
    with threadpool_limits(1):
        if not hasattr(os, "sched_setaffinity"):
            yield
            return
        had = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {max(had)})
        try:
            yield
        finally:
            os.sched_setaffinity(0, had)


@dataclass(frozen=True)
class Timing:
    """Milliseconds of each turn, on the clock and of processor time over all threads."""

    wall_ms: np.ndarray
    cpu_ms: np.ndarray

    def row(self, what: str) -> dict[str, Any]:
        """Return the usual figures."""
        return {
            "what": what,
            "p50 ms": float(np.median(self.wall_ms)),
            "p95 ms": float(np.quantile(self.wall_ms, 0.95)),
            "cpu p50 ms": float(np.median(self.cpu_ms)),
            "cpu p95 ms": float(np.quantile(self.cpu_ms, 0.95)),
        }


def side_by_side(
    ways: Sequence[Callable[[int], object]], turns: int, before: Callable[[int], object] | None = None
) -> list[Timing]:
    """Do each of the ways once a turn; the first turns only warm up.

    They take turns in any order: what ran before leaves its code and data in the processor's caches.

    Args:
        ways: What to time, given the number of the turn.
        turns: How often.
        before: What happens right before any of them, and isn't timed.
    """
    order = np.random.default_rng(4)
    taken = np.zeros((len(ways), WARM_UP + turns, 2))
    for turn in range(WARM_UP + turns):
        for place in order.permutation(len(ways)).tolist():
            if before is not None:
                before(turn)
            wall, cpu = time.perf_counter(), time.process_time()
            ways[place](turn)
            taken[place, turn] = time.perf_counter() - wall, time.process_time() - cpu
    return [Timing(*(1e3 * own[WARM_UP:].T)) for own in taken]


def show(title: str, rows: Sequence[dict[str, Any]]) -> None:
    """Print a table."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    cells = [columns, *[[_cell(row.get(name)) for name in columns] for row in rows]]
    widths = [max(len(line[at]) for line in cells) for at in range(len(columns))]
    say(f"\n{title}")
    for line in cells:
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return (
        f"{value:.3f}"
        if isinstance(value, float) and value < 10
        else f"{value:.1f}"
        if isinstance(value, float)
        else str(value)
    )
