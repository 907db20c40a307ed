"""What the tests of Spotify's pulls share: the whole stack over HTTP, and work that is done until it is."""

import functools
import logging

from tests.providers.senders import FAST, TestClock
from timbral.core.matching import Described
from timbral.errors import SourceBusy, SourceFailed
from timbral.providers.retrying import Budget, RetryPolicy
from timbral.providers.spotify import Authorised, Counted, GrantedTokens, Spotify, judge_spotify
from timbral.providers.spotify_accounts import SpotifyAccounts, SpotifyApp, judge_accounts
from timbral.providers.stack import Run, stack
from timbral.providers.traffic import Traffic, TrafficLimits
from timbral.providers.transport import HttpTransport, open_client
from timbral.pulling.spotify.catalogue import SpotifyCatalogue, Unmatched
from timbral.pulling.spotify.memory import SpotifyMemory
from timbral.raw.answers.envelope import keep_answer
from timbral.raw.answers.loading import load_answer
from timbral.tables.raw import AUDIO_FEATURES_SPOTIFY, TRACKS_SPOTIFY

ASKED_AT_UTS = 1_700_000_000
APP = SpotifyApp("app", "hush")


class Bench:
    """One store and one clock, against one server."""

    def __init__(self, server, tables, *, calls_count=10_000, refresh_token=None):
        self.tables, self.objects = tables, tables.objects
        self.clock = TestClock(float(ASKED_AT_UTS))
        self.transport = HttpTransport(open_client(server.url, FAST, user_agent="timbral-tests"), FAST)
        self.accounts = SpotifyAccounts(self._stack("spotify-accounts", judge_accounts), APP)
        grant = (
            functools.partial(self.accounts.refresh, refresh_token)
            if refresh_token
            else self.accounts.grant_app
        )
        tokens = GrantedTokens(lambda: grant(self.clock.now_s()), self.clock.now_s)
        self.counted = Counted(Authorised(self._stack("spotify", judge_spotify), tokens), calls_count)
        once = self._stack("spotify", judge_spotify, RetryPolicy(attempts_count=1))
        self.spotify = Spotify(self.counted, Authorised(once, tokens))

    def _stack(self, provider, judge, policy=None):
        run = Run(self.clock, lambda: 0.5, logging.getLogger("timbral.providers"), Budget())
        limits = TrafficLimits(calls_per_s=100.0)
        traffic = Traffic(self.objects, provider, limits, self.clock, lambda: 0.5)
        return stack(self.transport, provider=provider, judge=judge, traffic=traffic, run=run, policy=policy)

    def keep(self, asked, body):
        return load_answer(self.tables, keep_answer(self.objects, asked, body))

    def pull(self, tracks):
        memory = SpotifyMemory(self.objects, ASKED_AT_UTS)
        catalogue = SpotifyCatalogue(self.spotify, memory, self.keep, ASKED_AT_UTS)
        return catalogue.pull(tracks)

    def rows(self, table=TRACKS_SPOTIFY):
        return self.tables.read(table, self.tables.current(table)).to_pylist()

    def both(self):
        return self.rows(), self.rows(AUDIO_FEATURES_SPOTIFY)


def until_done(clock, work, times=60):
    """Do work again, as a queue would, until it is done."""
    for _ in range(times):
        try:
            done = work()
        except SourceBusy as busy:
            clock.sleep(busy.retry_after_s or 1.0)
            continue
        except SourceFailed:
            clock.sleep(61.0)
            continue
        if getattr(done, "retry_after_s", None) is None:
            return done
        clock.sleep(done.retry_after_s or 1.0)
    raise AssertionError("the work was never done")


def wanted(*names):
    return [Unmatched(f"{at:032x}", Described(*one)) for at, one in enumerate(names)]
