"""Senders for tests: a clock that only moves when someone waits, and the whole stack over it."""

import logging

from timbral.providers.judging import judge_status
from timbral.providers.retrying import Budget
from timbral.providers.stack import Run, stack
from timbral.providers.traffic import Traffic, TrafficLimits
from timbral.providers.transport import HttpLimits, HttpTransport, open_client
from timbral.store.obstore_objects import open_objects

NOW_S = 1_700_000_000.0
FAST = HttpLimits(connect_s=1.0, read_s=1.0, whole_s=0.1)


class TestClock:
    """Time that passes only by waiting.

    Attributes:
        waits_s: How long was waited, each time.
    """

    __test__ = False

    def __init__(self, now_s=NOW_S):
        self.at_s = now_s
        self.waits_s = []

    def now_s(self):
        return self.at_s

    def sleep(self, seconds):
        self.waits_s.append(seconds)
        self.at_s += seconds


def run_of(clock, budget=None, jitter=lambda: 0.5):
    return Run(clock, jitter, logging.getLogger("timbral.providers"), budget or Budget())


def traffic_of(clock, objects=None, limits=None, provider="invented"):
    return Traffic(
        objects or open_objects("memory://"), provider, limits or TrafficLimits(), clock, lambda: 0.5
    )


def sender_to(server, clock, *, run=None, traffic=None, judge=judge_status):
    """Return the whole stack over real HTTP to a server on loopback."""
    transport = HttpTransport(open_client(server.url, FAST, user_agent="timbral-tests"), FAST)
    return stack(
        transport,
        provider="invented",
        judge=judge,
        traffic=traffic or traffic_of(clock),
        run=run or run_of(clock),
    )
