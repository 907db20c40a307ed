"""What calls cost and how they went: a structured log line each, and counts for metrics."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from timbral.errors import SourceBusy, SourceError, SourceRefused

if TYPE_CHECKING:
    from timbral.providers.calls import Call, Clock, Reply, Sender


class Log(Protocol):
    """A structured log; `logging.Logger` is one."""

    def info(self, msg: str, *, extra: dict[str, Any]) -> None:
        """Write a line."""


@dataclass
class CallCounts:
    """Counts of one run's calls.

    Attributes:
        outcomes: Calls by how they ended: ``answered``, ``failed``, ``busy`` or ``refused``.
        elapsed_s: Time that they took together.
        received_bytes: Bytes that were answered.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    elapsed_s: float = 0.0
    received_bytes: int = 0

    @property
    def calls_count(self) -> int:
        """All calls."""
        return self.outcomes.total()


class Watched:
    """Counts and logs every attempt: the provider, the endpoint's name, status, time. Nothing else.

    Args:
        inner: Who asks.
        provider: The service's name.
        counts: Where it is counted.
        log: Where it is logged.
        clock: Time.
    """

    def __init__(self, inner: Sender, provider: str, counts: CallCounts, log: Log, clock: Clock) -> None:
        self._inner = inner
        self._provider = provider
        self._counts = counts
        self._log = log
        self._clock = clock

    def send(self, call: Call) -> Reply:
        """Ask, and note how it went; see `Sender.send`."""
        begun_s = self._clock.now_s()
        try:
            reply = self._inner.send(call)
        except SourceError as error:
            self._note(call, begun_s, _outcome(error), type(error).__name__, 0)
            raise
        self._note(call, begun_s, "answered", str(reply.status), len(reply.body))
        return reply

    def _note(self, call: Call, begun_s: float, outcome: str, detail: str, size_bytes: int) -> None:
        elapsed_s = self._clock.now_s() - begun_s
        self._counts.outcomes[outcome] += 1
        self._counts.elapsed_s += elapsed_s
        self._counts.received_bytes += size_bytes
        seen = {
            "provider": self._provider,
            "endpoint": call.name,
            "outcome": outcome,
            "detail": detail,
            "elapsed_ms": round(elapsed_s * 1_000),
            "body_bytes": size_bytes,
        }
        self._log.info("a provider was asked", extra=seen)


def _outcome(error: SourceError) -> str:
    if isinstance(error, SourceBusy):
        return "busy"
    return "refused" if isinstance(error, SourceRefused) else "failed"
