"""Progress for whoever watches: bars at a terminal, structured lines in a log."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from timbral.progress import Progress

_SECONDS_BETWEEN_LINES = 10.0


class Bars:
    """Bars with totals, rates and the time left.

    Args:
        display: A running rich display.
    """

    def __init__(self, display: RichProgress) -> None:
        self._display = display
        self._task: TaskID | None = None

    def begin(self, task: str, total: int | None, unit: str) -> None:
        """Start a bar in place of the one before."""
        if self._task is not None:
            self._display.remove_task(self._task)
        self._task = self._display.add_task(task, total=total, unit=unit)

    def advance(self, count: int = 1) -> None:
        """Move the bar."""
        if self._task is not None:
            self._display.advance(self._task, count)


class Lines:
    """A JSON line on standard error when a task begins, and every ten seconds while it lasts."""

    def __init__(self) -> None:
        self._task = ""
        self._unit = ""
        self._total: int | None = None
        self._done = 0
        self._said_at_s = 0.0

    def begin(self, task: str, total: int | None, unit: str) -> None:
        """Say that a task begins."""
        self._task, self._unit, self._total, self._done = task, unit, total, 0
        self._say()

    def advance(self, count: int = 1) -> None:
        """Count, and say so now and then."""
        self._done += count
        if time.monotonic() - self._said_at_s > _SECONDS_BETWEEN_LINES:
            self._say()

    def _say(self) -> None:
        self._said_at_s = time.monotonic()
        line = {"task": self._task, "done": self._done, "total": self._total, "unit": self._unit}
        sys.stderr.write(orjson.dumps(line).decode() + "\n")


@contextlib.contextmanager
def watching(*, as_json: bool) -> Iterator[Progress]:
    """Yield a watcher fit for where standard error goes."""
    if as_json or not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[unit]}"),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as display:
        yield Bars(display)
