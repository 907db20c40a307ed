"""A sender that keeps to the traffic that a service gets from all of us together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.errors import SourceBusy, SourceFailed, SourceRefused

if TYPE_CHECKING:
    from timbral.providers.calls import Call, Reply, Sender
    from timbral.providers.traffic import Traffic


class Guarded:
    """Waits for its turn, and tells all others how it went.

    Args:
        inner: Who asks.
        traffic: The service's traffic.
    """

    def __init__(self, inner: Sender, traffic: Traffic) -> None:
        self._inner = inner
        self._traffic = traffic

    def send(self, call: Call) -> Reply:
        """Ask in turn; see `Sender.send`."""
        self._traffic.take_turn()
        try:
            reply = self._inner.send(call)
        except SourceBusy as busy:
            self._traffic.stay_away(busy.retry_after_s)
            raise
        except SourceFailed:
            self._traffic.note_failure()
            raise
        except SourceRefused:
            self._traffic.note_success()  # it is there, and it answered
            raise
        self._traffic.note_success()
        return reply
