"""How long work says where it is, without knowing who watches."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A watcher of one piece of long work at a time."""

    def begin(self, task: str, total: int | None, unit: str) -> None:
        """Start a task of ``total`` units, or of an unknown number of them."""

    def advance(self, count: int = 1) -> None:
        """Say that ``count`` more units of the current task are done."""


class Silent:
    """A watcher that looks away."""

    def begin(self, task: str, total: int | None, unit: str) -> None:
        """Ignore the start of a task."""

    def advance(self, count: int = 1) -> None:
        """Ignore an advance."""
