"""A sender that asks again, within a budget.

Source: https://tenacity.readthedocs.io; full jitter as in "Exponential Backoff And Jitter", AWS, 2015.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import tenacity

from timbral.errors import SourceBusy, SourceFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from timbral.providers.calls import Call, Clock, Reply, Sender


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long.

    Attributes:
        attempts_count: Times that one call is asked at most.
        first_s: Longest wait after the first failure; it doubles with each.
        longest_s: Longest wait after a failure.
        busy_s: Wait where a service is busy and doesn't say for how long; it doubles with each.
    """

    attempts_count: int = 6
    first_s: float = 0.5
    longest_s: float = 20.0
    busy_s: float = 2.0


@dataclass
class Budget:
    """What all calls of one run may spend on asking again.

    Attributes:
        retries_count: Further attempts that are left.
        until_s: No wait may last beyond this moment, in Unix seconds.
    """

    retries_count: int = 200
    until_s: float = math.inf


def wait_s(failure: BaseException, attempt: int, policy: RetryPolicy, jitter: float) -> float:
    """Say how long to wait before asking again.

    Args:
        failure: What happened.
        attempt: Attempts so far, at least 1.
        policy: See `RetryPolicy`.
        jitter: A random share, 0 to 1.

    Returns:
        Seconds; exactly what the service named, if it named a time.
    """
    if isinstance(failure, SourceBusy):
        return failure.retry_after_s or min(policy.busy_s * 2.0 ** (attempt - 1), policy.longest_s)
    return jitter * min(policy.first_s * 2.0 ** (attempt - 1), policy.longest_s)


class Retrying:
    """Asks again after failures that may pass.

    Args:
        inner: Who asks.
        policy: See `RetryPolicy`.
        budget: What the whole run may spend; shared by all senders of the run.
        clock: Time.
        jitter: Random shares, 0 to 1.
    """

    def __init__(
        self, inner: Sender, policy: RetryPolicy, budget: Budget, clock: Clock, jitter: Callable[[], float]
    ) -> None:
        self._inner = inner
        self._policy = policy
        self._budget = budget
        self._clock = clock
        self._jitter = jitter

    def send(self, call: Call) -> Reply:
        """Ask until it is answered, final, or too much; see `Sender.send`.

        Raises:
            SourceBusy: Also when the budget is spent: it names when the run may go on.
        """
        asking = tenacity.Retrying(
            stop=self._is_over,
            wait=self._wait,
            retry=tenacity.retry_if_exception_type((SourceFailed, SourceBusy)),
            before_sleep=self._spend,
            sleep=self._clock.sleep,
            reraise=True,
        )
        return asking(self._inner.send, call)

    def _wait(self, state: tenacity.RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        return wait_s(failure or SourceFailed(""), state.attempt_number, self._policy, self._jitter())

    def _is_over(self, state: tenacity.RetryCallState) -> bool:
        ends_s = self._clock.now_s() + state.upcoming_sleep
        is_spent = self._budget.retries_count <= 0 or ends_s > self._budget.until_s
        return is_spent or state.attempt_number >= self._policy.attempts_count

    def _spend(self, _state: tenacity.RetryCallState) -> None:
        self._budget.retries_count -= 1
