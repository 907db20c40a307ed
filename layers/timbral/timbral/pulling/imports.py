"""Imports as listeners ask for them: noted, and sent to whoever does the long work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.errors import TimbralError
from timbral.pulling.connections import PROVIDERS, secret_name
from timbral.pulling.messages import ListenerMessage

if TYPE_CHECKING:
    from collections.abc import Callable

    from timbral.providers.secrets import KeptSecrets
    from timbral.pulling.connections import Connection, Connections
    from timbral.pulling.jobs import Job, Jobs
    from timbral.queues import MessageQueue


class Imports:
    """Begins imports and tells how they go; nothing is asked of any provider here.

    Args:
        jobs: The jobs.
        connections: The accounts.
        secrets: Keeps what a provider sent a listener back with.
        queues: By provider, who does the work.
    """

    def __init__(
        self, jobs: Jobs, connections: Connections, secrets: KeptSecrets, queues: dict[str, MessageQueue]
    ) -> None:
        self._jobs = jobs
        self._connections = connections
        self._secrets = secrets
        self._queues = queues

    def begin(
        self,
        listener_id: str,
        provider: str,
        now_uts: int,
        *,
        account: str = "",
        token: str | None = None,
        prepare: Callable[[], None] = lambda: None,
    ) -> Job:
        """Begin an import, or return the one that is under way.

        Args:
            listener_id: Who asks.
            provider: Whom to ask.
            now_uts: The present, in Unix seconds.
            account: Which account there; empty if a token will tell.
            token: What the provider sent the listener back with.
            prepare: Does what can't wait for whoever does the long work; if it fails, so does the import.

        Raises:
            Conflict: Another account of theirs is being imported.
            TooSoon: Another account of theirs was asked for a moment ago.
        """
        job, is_new = self._jobs.begin(listener_id, provider, account, now_uts)
        if is_new:
            self._prepare(listener_id, job, now_uts, prepare)
            if token is not None:
                self._secrets.put(secret_name(listener_id, provider, "token"), token)
            message = ListenerMessage(listener_id=listener_id, job_id=job.job_id)
            self._queues[provider].send([message.model_dump_json()])
        return job

    def accounts(self, listener_id: str) -> list[Connection]:
        """Return the accounts that a listener has connected, whether or not they may still be asked."""
        found = (self._connections.get(listener_id, provider) for provider in PROVIDERS)
        return [connection for connection in found if connection is not None]

    def _prepare(self, listener_id: str, job: Job, now_uts: int, prepare: Callable[[], None]) -> None:
        try:
            prepare()
        except TimbralError:
            self._jobs.change(listener_id, job.job_id, now_uts, state="failed")
            raise

    def get(self, listener_id: str, job_id: str) -> Job:
        """Return one of a listener's imports.

        Raises:
            NotFound: They have none of that name.
        """
        return self._jobs.get(listener_id, job_id)
