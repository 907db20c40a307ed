"""The stack of senders over real HTTP."""

import logging

import pytest

from tests.providers.fake_server import Fault, Said, in_turn, serving
from tests.providers.senders import NOW_S, TestClock, run_of, sender_to, traffic_of
from timbral.errors import SourceBusy, SourceFailed, SourceRefused
from timbral.providers.calls import Call
from timbral.providers.judging import judge_status, retry_after_s
from timbral.providers.retrying import Budget, RetryPolicy, wait_s
from timbral.providers.traffic import TrafficLimits

CALL = Call("thing.get", "/thing", params={"api_key": "s3cret"})


def judge_json(call, reply, now_s):
    judge_status(call, reply, now_s)
    reply.json()


@pytest.fixture
def clock():
    return TestClock()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", 500),
        Fault("status", 503),
        Fault("status", 429),
        Fault("status", 429, {"retry-after": "7"}),
        Fault("html"),
        Fault("truncated"),
        Fault("short"),
        Fault("reset"),
        Fault("drip"),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}",
)
def test_a_failure_that_passes_is_not_seen(clock, fault):
    with serving(lambda _: Said({"thing": 1, "filler": "x" * 200}), in_turn(fault, fault)) as server:
        reply = sender_to(server, clock, judge=judge_json).send(CALL)

    assert reply.json()["thing"] == 1
    assert len(server.asked) == 3


def test_a_time_to_come_back_is_kept_to_the_second(clock):
    fault = Fault("status", 429, {"retry-after": "37"})
    with serving(lambda _: Said({}), in_turn(fault)) as server:
        sender_to(server, clock).send(CALL)

    assert clock.at_s == NOW_S + 37


def test_a_time_to_come_back_may_be_a_date():
    assert retry_after_s({"retry-after": "Tue, 14 Nov 2023 22:13:50 GMT"}, NOW_S) == 30
    assert retry_after_s({"retry-after": "soon"}, NOW_S) is None
    assert retry_after_s({}, NOW_S) is None


def test_a_wait_beyond_the_budget_is_left_to_the_queue(clock):
    fault = Fault("status", 429, {"retry-after": "60"})
    with serving(lambda _: Said({}), lambda _: fault) as server:
        sender = sender_to(server, clock, run=run_of(clock, Budget(until_s=NOW_S + 30)))

        with pytest.raises(SourceBusy) as raised:
            sender.send(CALL)

    assert raised.value.retry_after_s == 60
    assert not clock.waits_s


def test_retries_of_a_run_are_counted_together(clock):
    with serving(lambda _: Said({}), lambda _: Fault("status", 500)) as server:
        sender = sender_to(server, clock, run=run_of(clock, Budget(retries_count=3)))

        for _ in range(3):
            with pytest.raises(SourceFailed):
                sender.send(CALL)

    assert len(server.asked) == 6  # three first attempts, three more between them


def test_what_is_refused_is_not_asked_again(clock):
    with serving(lambda _: Said({}, 403)) as server:
        with pytest.raises(SourceRefused) as raised:
            sender_to(server, clock).send(CALL)

        assert raised.value.reason == "forbidden"
        assert len(server.asked) == 1


def test_the_circuit_opens_for_all_and_lets_one_try(clock):
    limits = TrafficLimits(failures_count=3, open_s=60)
    is_down = True
    with serving(lambda _: Said({}), lambda _: Fault("status", 500) if is_down else None) as server:
        traffic = traffic_of(clock, limits=limits)
        budget = Budget(until_s=NOW_S + 40)
        with pytest.raises(SourceBusy):
            sender_to(server, clock, run=run_of(clock, budget), traffic=traffic).send(CALL)
        others = traffic_of(clock, traffic._objects, limits)
        with pytest.raises(SourceBusy):
            sender_to(server, clock, run=run_of(clock, budget), traffic=others).send(CALL)
        asked_count = len(server.asked)
        is_down = False
        clock.sleep(60)

        sender_to(server, clock, traffic=others).send(CALL)

    assert asked_count == 3
    assert len(server.asked) == 4


def test_one_rate_is_shared_by_all(clock):
    first = traffic_of(clock, limits=TrafficLimits(calls_per_s=4, lease_count=2))
    second = traffic_of(clock, first._objects, TrafficLimits(calls_per_s=4, lease_count=2))

    for _ in range(20):
        first.take_turn()
        second.take_turn()

    assert clock.at_s - NOW_S >= 39 / 4 - 1


def test_who_is_told_to_stay_away_keeps_the_others_away(clock):
    first = traffic_of(clock)
    second = traffic_of(clock, first._objects)

    first.stay_away(30)

    with pytest.raises(SourceBusy) as raised:
        second.take_turn()
    assert raised.value.retry_after_s == 30


def test_nothing_that_was_asked_shows_in_logs_or_errors(clock, caplog):
    caplog.set_level(logging.DEBUG)
    with serving(lambda _: Said({}), in_turn(*[Fault("reset")] * 9)) as server:
        with pytest.raises(SourceFailed) as raised:
            sender_to(server, clock).send(CALL)
        sender_to(server, clock, judge=judge_status)

    seen = [str(raised.value), repr(raised.value.__context__), repr(CALL)]
    seen += [str(record.__dict__) for record in caplog.records if record.name.startswith("timbral")]
    assert len(seen) > 6
    assert not any("s3cret" in text for text in seen)


def test_every_attempt_is_counted(clock):
    run = run_of(clock)
    with serving(lambda _: Said({}), in_turn(Fault("status", 500), Fault("status", 429))) as server:
        sender_to(server, clock, run=run).send(CALL)

    assert run.counts.outcomes == {"failed": 1, "busy": 1, "answered": 1}


def test_waits_double_within_their_jitter():
    policy = RetryPolicy(first_s=1, longest_s=10)

    waits = [wait_s(SourceFailed(""), attempt, policy, 1.0) for attempt in range(1, 7)]

    assert waits == [1, 2, 4, 8, 10, 10]
    assert wait_s(SourceFailed(""), 3, policy, 0.0) == 0
