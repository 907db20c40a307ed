"""Pulls of the invented account: over real HTTP, with a clock that only waiting moves."""

from functools import partial

from tests.providers.fake_lastfm import KEY, SECRET
from tests.providers.senders import FAST, TestClock, run_of
from timbral.errors import SourceError
from timbral.providers.lastfm import PROVIDER, Lastfm, LastfmKey, judge_lastfm
from timbral.providers.retrying import Budget
from timbral.providers.stack import stack
from timbral.providers.traffic import Traffic, TrafficLimits
from timbral.providers.transport import HttpTransport, open_client
from timbral.pulling.lastfm.account import LastfmPull
from timbral.raw.answers.loading import load_answer
from timbral.tables.raw import USER_SCROBBLES_RAW

FREE = TrafficLimits(calls_per_s=1e6, lease_count=1_000, failures_count=10_000)


def api_to(server, tables, clock, *, budget=None, session=None):
    transport = HttpTransport(open_client(server.url, FAST, user_agent="timbral-tests"), FAST)
    traffic = Traffic(tables.objects, PROVIDER, FREE, clock, lambda: 0.5)
    sender = stack(
        transport,
        provider=PROVIDER,
        judge=judge_lastfm,
        traffic=traffic,
        run=run_of(clock, budget or Budget(retries_count=10_000)),
    )
    return Lastfm(sender, LastfmKey(KEY, SECRET), session)


def pull(server, tables, clock=None, *, seconds=10_000, listener="ada", user="rj"):
    """Pull once."""
    clock = clock or TestClock()
    return LastfmPull(
        api_to(server, tables, clock),
        tables.objects,
        listener_id=listener,
        username=user,
        clock=clock,
        until_s=clock.now_s() + seconds,
        land=partial(load_answer, tables),
    ).run()


def pull_until_done(server, tables, clock, attempts=60):
    """Pull as the queue does: again after every failure."""
    for _ in range(attempts):
        try:
            if pull(server, tables, clock).is_done:
                return
        except SourceError:
            clock.sleep(60)
    raise AssertionError("the pull never ends")


def scrobbles(tables):
    """Return what the store says was played, without when that was learned."""
    rows = tables.read(USER_SCROBBLES_RAW, tables.current(USER_SCROBBLES_RAW)).to_pylist()
    return [(row["scrobbled_at_uts"], row["artist"], row["track"], row["album"]) for row in rows]


def truth(fake):
    return sorted((play["uts"], play["artist"], play["track"], play["album"]) for play in fake.plays)
