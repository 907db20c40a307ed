"""How much traffic a service gets from all of us together: one pace, one circuit.

Both live in one small document of the store, moved by conditional put, so that however many invocations
run at once, they keep one rate limit, stay away together when one of them is told to, and stop asking
together when the service is down.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import orjson

from timbral.errors import Conflict, SourceBusy

if TYPE_CHECKING:
    from collections.abc import Callable

    from timbral.providers.calls import Clock
    from timbral.store.objects import Objects

_ATTEMPTS = 50


@dataclass(frozen=True)
class TrafficLimits:
    """What a service gets from us.

    Attributes:
        calls_per_s: Calls a second, of all together.
        lease_count: Calls that one sender reserves at a time; more mean fewer writes and a coarser pace.
        failures_count: Failures in a row that open the circuit.
        open_s: How long it stays open before one call may try.
        longest_wait_s: A turn that is further off isn't waited for: the caller is told to come back.
    """

    calls_per_s: float = 4.0
    lease_count: int = 4
    failures_count: int = 8
    open_s: float = 60.0
    longest_wait_s: float = 5.0


@dataclass(frozen=True)
class TrafficState:
    """The document.

    Attributes:
        next_at_s: When the next free turn is, in Unix seconds.
        failures_count: Failures since the last success.
        open_until_s: Until when nobody may ask; 0 while the circuit is closed.
    """

    next_at_s: float = 0.0
    failures_count: int = 0
    open_until_s: float = 0.0


def reserve(
    state: TrafficState, limits: TrafficLimits, now_s: float
) -> tuple[TrafficState, list[float], float]:
    """Take the next turns.

    Returns:
        The state afterwards; when the turns are, in Unix seconds; and, if there are none, how long to
        stay away.
    """
    if now_s < state.open_until_s:
        return state, [], state.open_until_s - now_s
    starts_s = max(now_s, state.next_at_s)
    if starts_s - now_s > limits.longest_wait_s:
        return state, [], starts_s - now_s
    is_trial = state.failures_count >= limits.failures_count
    count = 1 if is_trial else limits.lease_count
    step_s = 1 / limits.calls_per_s
    turns = [starts_s + number * step_s for number in range(count)]
    open_until_s = now_s + limits.open_s if is_trial else 0.0  # nobody else tries until this one has
    return replace(state, next_at_s=turns[-1] + step_s, open_until_s=open_until_s), turns, 0.0


def note_failure(state: TrafficState, limits: TrafficLimits, now_s: float) -> TrafficState:
    """Count a failure; the one that is too many opens the circuit."""
    count = state.failures_count + 1
    is_open = count >= limits.failures_count
    return replace(
        state, failures_count=count, open_until_s=now_s + limits.open_s if is_open else state.open_until_s
    )


def note_success(state: TrafficState) -> TrafficState:
    """Forget failures and close the circuit."""
    return replace(state, failures_count=0, open_until_s=0.0)


def pause(state: TrafficState, until_s: float) -> TrafficState:
    """Let nobody ask before a moment."""
    return replace(state, next_at_s=max(state.next_at_s, until_s))


class Traffic:
    """One service's traffic, shared by all who hold the same store.

    Args:
        objects: The store.
        provider: The service's name.
        limits: What it gets.
        clock: The time; machines must agree on it to about a second.
        jitter: Random shares, 0 to 1: who lost a race for the document waits a little.
    """

    def __init__(
        self,
        objects: Objects,
        provider: str,
        limits: TrafficLimits,
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        self._objects = objects
        self._provider = provider
        self._key = f"raw/providers/{provider}/traffic.json"
        self._limits = limits
        self._clock = clock
        self._jitter = jitter
        self._turns: list[float] = []
        self._failures_count = 0

    def take_turn(self) -> None:
        """Wait for the next turn.

        Raises:
            SourceBusy: There is none soon: the service asked us to stay away, or its circuit is open.
        """
        if not self._turns:
            self._turns = self._reserve()
        wait_s = self._turns.pop(0) - self._clock.now_s()
        if wait_s > 0:
            self._clock.sleep(wait_s)

    def note_success(self) -> None:
        """Say that a call went well; written down only if others had failed."""
        if self._failures_count:
            self._move(note_success)

    def note_failure(self) -> None:
        """Say that a call failed."""
        self._turns = []
        self._move(lambda state: note_failure(state, self._limits, self._clock.now_s()))

    def stay_away(self, seconds: float) -> None:
        """Say that the service asked us to come back later."""
        self._turns = []
        self._move(lambda state: pause(state, self._clock.now_s() + seconds))

    def _reserve(self) -> list[float]:
        turns: list[float] = []
        wait_s = 0.0

        def decide(state: TrafficState) -> TrafficState:
            nonlocal turns, wait_s
            moved, turns, wait_s = reserve(state, self._limits, self._clock.now_s())
            return moved

        self._move(decide)
        if not turns:
            msg = f"{self._provider} may not be asked for another {wait_s:.0f} s"
            raise SourceBusy(msg, wait_s)
        return turns

    def _move(self, decide: Callable[[TrafficState], TrafficState]) -> None:
        for _ in range(_ATTEMPTS):
            found = self._objects.get_tagged(self._key)
            state = TrafficState(**orjson.loads(found[0])) if found else TrafficState()
            moved = decide(state)
            self._failures_count = moved.failures_count
            if moved == state:
                return
            try:
                self._objects.replace(self._key, orjson.dumps(asdict(moved)), found[1] if found else None)
            except Conflict:
                self._clock.sleep(self._jitter() / self._limits.calls_per_s)
                continue
            return
        msg = f"too many want to ask {self._provider} at once"
        raise SourceBusy(msg, self._limits.longest_wait_s)
