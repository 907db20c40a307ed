"""How far long work has come, kept so that whoever begins it again goes on from there.

    <stage>/unfinished/<what the work is named after>/<part>

A place is named after all that the result depends on, so that nothing is taken for another work's, and a
part's state is written over by its next one. What goes on ends as if nobody had disturbed it.
"""

from __future__ import annotations

import io
import signal
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from threading import Event

    from numpy.typing import NDArray

    from timbral.store.objects import Objects

UNFINISHED = "unfinished"
INTERRUPTED = 128 + signal.SIGTERM
"""The exit status of who was told to stop; an error's own is 1, after which nothing is tried again."""


class Checkpoint(Protocol):
    """Keeps one work's state."""

    def part(self, name: str, refuse: Callable[[], None] | None = None) -> Checkpoint:
        """Return where a part of the work keeps its own.

        Args:
            name: Of the part, or of what the whole is named after.
            refuse: Raises if nothing may be kept any more; None for what the whole has.
        """

    def found(self) -> bytes | None:
        """Return the state that was kept last, or None if there is none."""

    def keep(self, state: Callable[[], bytes]) -> None:
        """Keep a state if it is time to.

        Args:
            state: Makes it.

        Raises:
            SystemExit: The process was told to stop; the state is kept.
        """

    def clear(self) -> None:
        """Delete what was kept: the work is done."""


class NotKept:
    """Keeps nothing."""

    def part(self, name: str, refuse: Callable[[], None] | None = None) -> NotKept:
        """Return itself."""
        del name, refuse
        return self

    def found(self) -> None:
        """Find nothing."""

    def keep(self, state: Callable[[], bytes]) -> None:
        """Keep nothing."""

    def clear(self) -> None:
        """Delete nothing."""


@dataclass
class Pace:
    """When a state is kept: after so long, or at once when the process was told to stop.

    Attributes:
        every_s: Seconds from one to the next; each state may be hundreds of megabytes.
        clock_s: Any clock that only goes forward.
        stopping: Set when the process was told to stop.
    """

    every_s: float
    clock_s: Callable[[], float]
    stopping: Event
    _last_s: float = field(init=False)

    def __post_init__(self) -> None:
        self._last_s = self.clock_s()

    @property
    def is_due(self) -> bool:
        """Say whether it is time."""
        return self.stopping.is_set() or self.clock_s() - self._last_s >= self.every_s

    def restart(self) -> None:
        """Begin to wait again."""
        self._last_s = self.clock_s()


@dataclass(frozen=True)
class StoredCheckpoint:
    """Keeps states in the store.

    Attributes:
        objects: The object store.
        place: Where; of the whole a prefix, of a part its key.
        pace: When.
        refuse: Raises if nothing may be kept any more.
    """

    objects: Objects
    place: str
    pace: Pace
    refuse: Callable[[], None] | None = None

    def part(self, name: str, refuse: Callable[[], None] | None = None) -> StoredCheckpoint:
        """Return where a part of the work keeps its own."""
        return StoredCheckpoint(self.objects, f"{self.place}/{name}", self.pace, refuse or self.refuse)

    def found(self) -> bytes | None:
        """Return the state that was kept last."""
        kept = self.objects.get_tagged(self.place)
        return kept[0] if kept else None

    def keep(self, state: Callable[[], bytes]) -> None:
        """Keep a state if it is time to."""
        if not self.pace.is_due:
            return
        if self.refuse:
            self.refuse()
        self.objects.put(self.place, state())
        self.pace.restart()
        if self.pace.stopping.is_set():
            raise SystemExit(INTERRUPTED)

    def clear(self) -> None:
        """Delete what was kept."""
        self.objects.delete([info.key for info in self.objects.list(self.place)])


def pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return arrays as bytes, in NumPy's own format."""
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, **arrays)
    return packed.getvalue()


def unpack(data: bytes | None, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, NDArray[Any]] | None:
    """Return arrays that `pack` made.

    Args:
        data: What was kept; None if nothing was.
        shapes: The arrays' names and what shapes they must have.

    Returns:
        None if nothing was kept, or nothing of these shapes: then the work begins anew.
    """
    if data is None:
        return None
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as packed:
            arrays = dict(packed)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile):
        return None
    return arrays if {name: found.shape for name, found in arrays.items()} == shapes else None
