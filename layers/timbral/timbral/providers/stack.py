"""The senders put on one another, in the only order that makes sense.

- `Retrying` asks again, within the run's budget.
- `Guarded` waits for its turn in the traffic of all, and tells them of failures.
- `Watched` logs and counts each attempt.
- `Judged` turns refusals and broken answers into errors.
- The transport is HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from timbral.providers.guarding import Guarded
from timbral.providers.judging import Judged
from timbral.providers.retrying import Budget, Retrying, RetryPolicy
from timbral.providers.watching import CallCounts, Watched

if TYPE_CHECKING:
    from collections.abc import Callable

    from timbral.providers.calls import Call, Clock, Reply, Sender
    from timbral.providers.traffic import Traffic
    from timbral.providers.watching import Log


@dataclass
class Run:
    """What the calls of one run share.

    Attributes:
        clock: Time.
        jitter: Random shares, 0 to 1.
        log: Where each attempt is logged.
        budget: What may be spent on asking again.
        counts: What was asked and how it went.
    """

    clock: Clock
    jitter: Callable[[], float]
    log: Log
    budget: Budget = field(default_factory=Budget)
    counts: CallCounts = field(default_factory=CallCounts)


def stack(
    transport: Sender,
    *,
    provider: str,
    judge: Callable[[Call, Reply, float], None],
    traffic: Traffic,
    run: Run,
    policy: RetryPolicy | None = None,
) -> Sender:
    """Put a provider's senders together.

    Args:
        transport: The lowest sender.
        provider: The service's name.
        judge: What its answers mean; `timbral.providers.judging.judge_status` at the least.
        traffic: What it gets from all of us together.
        run: What this run's calls share.
        policy: How failures are met.
    """
    judged = Judged(transport, judge, run.clock)
    watched = Watched(judged, provider, run.counts, run.log, run.clock)
    guarded = Guarded(watched, traffic)
    return Retrying(guarded, policy or RetryPolicy(), run.budget, run.clock, run.jitter)
