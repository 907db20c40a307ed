"""Imports as listeners ask for them: noted, and sent to whoever does the long work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.pulling.connections import secret_name
from timbral.pulling.messages import ListenerMessage

if TYPE_CHECKING:
    from timbral.providers.secrets import KeptSecrets
    from timbral.pulling.jobs import Job, Jobs
    from timbral.queues import MessageQueue


class Imports:
    """Begins imports and tells how they go; nothing is asked of any provider here.

    Args:
        jobs: The jobs.
        secrets: Keeps what a provider sent a listener back with.
        queues: By provider, who does the work.
    """

    def __init__(self, jobs: Jobs, secrets: KeptSecrets, queues: dict[str, MessageQueue]) -> None:
        self._jobs = jobs
        self._secrets = secrets
        self._queues = queues

    def begin(
        self, listener_id: str, provider: str, now_uts: int, *, account: str = "", token: str | None = None
    ) -> Job:
        """Begin an import, or return the one that is under way.

        Args:
            listener_id: Who asks.
            provider: Whom to ask.
            now_uts: The present, in Unix seconds.
            account: Which account there; empty if a token will tell.
            token: What the provider sent the listener back with.

        Raises:
            Conflict: Another account of theirs is being imported.
            TooSoon: Another account of theirs was asked for a moment ago.
        """
        job, is_new = self._jobs.begin(listener_id, provider, account, now_uts)
        if is_new:
            if token is not None:
                self._secrets.put(secret_name(listener_id, provider, "token"), token)
            message = ListenerMessage(listener_id=listener_id, job_id=job.job_id)
            self._queues[provider].send([message.model_dump_json()])
        return job

    def get(self, listener_id: str, job_id: str) -> Job:
        """Return one of a listener's imports.

        Raises:
            NotFound: They have none of that name.
        """
        return self._jobs.get(listener_id, job_id)
