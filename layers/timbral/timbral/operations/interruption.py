"""Being told to stop: capacity that was only lent is taken back two minutes after a notice."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from threading import Event


@contextlib.contextmanager
def noticed(stopping: Event) -> Iterator[None]:
    """Have a flag set when the process is told to stop, instead of ending it.

    Whoever keeps how far work has come looks at the flag, and ends the process when that is kept
    (`timbral.store.checkpoints`). Work that keeps nothing goes on, and may be done in time.

    Args:
        stopping: The flag.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may change what a signal does
        return
    before = signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
