"""Services of others: who asks them, how fast, and with which secrets."""

from __future__ import annotations

import logging
import random
import time
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from timbral.providers.calls import Call, Clock, Reply, Sender
    from timbral.providers.lastfm import Lastfm
    from timbral.providers.secrets import Secrets
    from timbral.providers.stack import Run
    from timbral.providers.traffic import TrafficLimits
    from timbral.wiring.foundation import Foundation

USER_AGENT = "timbral/0.1"


class Outside:
    """What asks outside services.

    Args:
        foundation: Settings and the store.
    """

    def __init__(self, foundation: Foundation) -> None:
        self._own = foundation

    @cached_property
    def clock(self) -> Clock:
        """Time."""
        from timbral.providers.clock import SystemClock

        return SystemClock()

    def run(self, until_s: float) -> Run:
        """Return what the calls of one run share.

        Args:
            until_s: Until when waits may last, in Unix seconds.
        """
        from timbral.providers.retrying import Budget
        from timbral.providers.stack import Run

        log = logging.getLogger("timbral.providers")
        return Run(self.clock, random.SystemRandom().random, log, Budget(until_s=until_s))

    def sender(
        self,
        provider: str,
        base_url: str,
        judge: Callable[[Call, Reply, float], None],
        run: Run,
        limits: TrafficLimits,
    ) -> Sender:
        """Return who asks a provider, within the traffic that it gets from all of us together.

        Args:
            provider: Its name.
            base_url: Its address.
            judge: What its answers mean.
            run: What the calls of this run share.
            limits: What it gets.
        """
        from timbral.providers.stack import stack
        from timbral.providers.traffic import Traffic
        from timbral.providers.transport import HttpLimits, HttpTransport, open_client

        http = HttpLimits()
        transport = HttpTransport(open_client(base_url, http, user_agent=USER_AGENT), http)
        traffic = Traffic(self._own.objects, provider, limits, run.clock, run.jitter)
        return stack(transport, provider=provider, judge=judge, traffic=traffic, run=run)

    @cached_property
    def secrets(self) -> Secrets:
        """The secret store: AWS Secrets Manager, or the settings and a file of this machine."""
        from timbral.providers.secrets import AwsSecrets, FileSecrets

        known = self._own.settings
        if known.secrets_prefix is not None:
            import boto3

            return AwsSecrets(boto3.client("secretsmanager"), known.secrets_prefix, time.monotonic)
        given = {"lastfm/api_key": known.lastfm_api_key, "lastfm/secret": known.lastfm_secret}
        values = {name: secret.get_secret_value() for name, secret in given.items() if secret is not None}
        return FileSecrets(known.secrets_file.expanduser(), values)

    def lastfm(self, run: Run, session: str | None = None) -> Lastfm:
        """Return Last.fm.

        Args:
            run: What the calls of this run share.
            session: A listener's session, for what they show to us alone.

        Raises:
            InvalidInput: There is no key to ask with.
        """
        from timbral.errors import InvalidInput
        from timbral.providers.lastfm import LIMITS, PROVIDER, Lastfm, LastfmKey, judge_lastfm

        api_key = self.secrets.get("lastfm/api_key")
        if not api_key:
            msg = (
                "Last.fm asks for a key: set TIMBRAL_LASTFM_API_KEY (https://www.last.fm/api/account/create)"
            )
            raise InvalidInput(msg, "TIMBRAL_LASTFM_API_KEY")
        key = LastfmKey(api_key, self.secrets.get("lastfm/secret"))
        sender = self.sender(PROVIDER, self._own.settings.lastfm_address, judge_lastfm, run, LIMITS)
        return Lastfm(sender, key, session)
