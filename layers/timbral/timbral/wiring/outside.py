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
    from timbral.providers.secrets import FileSecrets, KeptSecrets, Secrets
    from timbral.providers.stack import Run
    from timbral.providers.traffic import TrafficLimits
    from timbral.pulling.connections import Connections
    from timbral.pulling.imports import Imports
    from timbral.pulling.jobs import Jobs
    from timbral.queues import MessageQueue
    from timbral.raw.answers.envelope import Asked
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
        *,
        once: bool = False,
    ) -> Sender:
        """Return who asks a provider, within the traffic that it gets from all of us together.

        Args:
            provider: Its name.
            base_url: Its address.
            judge: What its answers mean.
            run: What the calls of this run share.
            limits: What it gets.
            once: Whether nothing is asked again after a failure.
        """
        from timbral.providers.retrying import RetryPolicy
        from timbral.providers.stack import stack
        from timbral.providers.traffic import Traffic
        from timbral.providers.transport import HttpLimits, HttpTransport, open_client

        http = HttpLimits()
        transport = HttpTransport(open_client(base_url, http, user_agent=USER_AGENT), http)
        traffic = Traffic(self._own.objects, provider, limits, run.clock, run.jitter)
        policy = RetryPolicy(attempts_count=1) if once else None
        return stack(transport, provider=provider, judge=judge, traffic=traffic, run=run, policy=policy)

    @cached_property
    def secrets(self) -> Secrets:
        """The secret store: AWS Secrets Manager, or the settings and a file of this machine."""
        from timbral.providers.secrets import AwsSecrets

        known = self._own.settings
        if known.secrets_prefix is None:
            return self._file_secrets
        import boto3

        client = boto3.client(
            "secretsmanager", endpoint_url=known.secrets_endpoint, region_name=known.s3_region
        )
        return AwsSecrets(client, known.secrets_prefix, time.monotonic)

    @cached_property
    def listener_secrets(self) -> KeptSecrets:
        """What opens listeners' accounts: sealed in the store, or a file of this machine."""
        if self._own.settings.secrets_prefix is None:
            return self._file_secrets
        from timbral.providers.sealed import SealedSecrets

        return SealedSecrets(self._own.objects, self.secrets)

    @cached_property
    def _file_secrets(self) -> FileSecrets:
        from timbral.providers.secrets import FileSecrets

        known = self._own.settings
        given = {
            "lastfm/api_key": known.lastfm_api_key,
            "lastfm/secret": known.lastfm_secret,
            "spotify/client_secret": known.spotify_client_secret,
        }
        values = {name: secret.get_secret_value() for name, secret in given.items() if secret is not None}
        if known.spotify_client_id is not None:
            values["spotify/client_id"] = known.spotify_client_id
        return FileSecrets(known.secrets_file.expanduser(), values)

    @cached_property
    def _queues(self) -> dict[str, MessageQueue]:
        from timbral.queues import LocalQueue, SqsQueue

        known = self._own.settings
        addresses = {"lastfm": known.lastfm_queue_url, "spotify": known.spotify_queue_url}
        queues: dict[str, MessageQueue] = {}
        for provider, address in addresses.items():
            if address is None:
                queues[provider] = LocalQueue(time.monotonic)
            else:
                queues[provider] = SqsQueue(self._own.sqs, address)
        return queues

    def queue(self, provider: str) -> MessageQueue:
        """Return the queue of a provider's pulls: of AWS, or within this process."""
        return self._queues[provider]

    @cached_property
    def connections(self) -> Connections:
        """Accounts that listeners have connected."""
        from timbral.pulling.connections import Connections

        return Connections(self._own.objects)

    @cached_property
    def jobs(self) -> Jobs:
        """Imports that listeners have asked for."""
        from timbral.pulling.jobs import Jobs

        return Jobs(self._own.objects)

    @cached_property
    def imports(self) -> Imports:
        """What begins imports."""
        from timbral.pulling.imports import Imports

        return Imports(self.jobs, self.connections, self.listener_secrets, self._queues)

    def keep_answer(self, asked: Asked, body: bytes) -> None:
        """Keep an answer as it came, and make rows of it unless the bucket's events do."""
        from timbral.raw.answers.envelope import keep_answer

        self.land_answer(keep_answer(self._own.objects, asked, body))

    def land_answer(self, key: str) -> None:
        """Make rows of a kept answer, unless the bucket's events do."""
        if not self._own.settings.answers_land_by_events:
            from timbral.raw.answers.loading import load_answer

            load_answer(self._own.tables, key)

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
