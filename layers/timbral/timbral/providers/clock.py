"""The machine's own time."""

from __future__ import annotations

import time


class SystemClock:
    """`timbral.providers.calls.Clock` of this machine."""

    def now_s(self) -> float:
        """Return Unix seconds."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
