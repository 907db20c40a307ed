"""Imports on their way, whoever the provider is: taken up, watched, put off, handed on, ended."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from timbral.errors import (
    Conflict,
    InvalidInput,
    NotConnected,
    NotFound,
    SourceBusy,
    SourceFailed,
    SourceRefused,
    TooSoon,
)
from timbral.pulling.connections import Connection
from timbral.pulling.messages import CatalogueMessage, EverybodyMessage, ListenerMessage, read_message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from timbral.pulling.connections import State
    from timbral.pulling.jobs import Job
    from timbral.wiring import Services

MOST_ATTEMPTS = 8
FIRST_PAUSE_S = 30.0
NOTED_EVERY_S = 2.0
_MARGIN_S = 30.0


@dataclass(frozen=True)
class Provider:
    """What is a provider's own of pulling.

    Attributes:
        name: One of `timbral.pulling.connections.PROVIDERS`.
        title: Its name for people.
        refusals: A sentence for each of `timbral.errors.REFUSALS`.
        pull_account: Pulls a listener's account, given the services, the job and until when; says whether
            nothing is left.
        pull_catalogue: Asks for what the catalogue lacks, given the services, how many questions, and until
            when; returns what became of it.
    """

    name: str
    title: str
    refusals: Mapping[str, str]
    pull_account: Callable[[Services, Importing, float], bool]
    pull_catalogue: Callable[[Services, int, float], dict[str, Any]]


class Importing:
    """One job in the hands of one invocation.

    Args:
        services: Settings and adapters.
        job: As it was when it was taken up.
        message: What brought it.
    """

    def __init__(self, services: Services, job: Job, message: ListenerMessage) -> None:
        self._services = services
        self._job = job
        self._message = message
        self._noted_s = -math.inf
        self.listener_id = message.listener_id
        self.account = job.account

    def know_account(self, account: str) -> None:
        """Note which account it is, now that the provider has told."""
        self.account = account
        self._change(account=account)

    def note(self, counts: Mapping[str, int], more: Mapping[str, Any], *, is_urgent: bool = False) -> None:
        """Note how far it is, every other second at most.

        Args:
            counts: What this invocation did so far, by field of `Job`; added to what others did before.
            more: Other fields.
            is_urgent: Whether it is noted whatever was noted a moment ago.
        """
        now_s = self._services.outside.clock.now_s()
        if is_urgent or now_s - self._noted_s >= NOTED_EVERY_S:
            self._noted_s = now_s
            sums = {name: getattr(self._job, name) + count for name, count in counts.items()}
            self._change(state="running", attempts_count=0, **sums, **more)

    def wait(self, seconds: float) -> dict[str, Any]:
        """Come back when the provider said."""
        self._change(state="waiting")
        return self._send("waits", seconds)

    def try_again(self, message: str) -> dict[str, Any]:
        """Come back after a while that grows, unless it has failed too often."""
        attempts = self._services.outside.jobs.get(self.listener_id, self._job.job_id).attempts_count + 1
        if attempts >= MOST_ATTEMPTS:
            return self.fail(message)
        self._change(state="waiting", attempts_count=attempts)
        return self._send("is tried again", FIRST_PAUSE_S * 2 ** (attempts - 1))

    def go_on(self) -> dict[str, Any]:
        """Hand what is left to the next invocation."""
        return self._send("goes on", 0)

    def finish(self) -> dict[str, Any]:
        """Say that all is here."""
        self._change(state="done")
        return {"job": "is done"}

    def fail(self, message: str) -> dict[str, Any]:
        """Give up for now; the next time it is asked for it begins anew."""
        self._change(state="failed", message=message)
        return {"job": "has failed", "message": message}

    def refuse(self, reason: str, message: str) -> dict[str, Any]:
        """Give up for good: the account isn't asked for again until its listener connects it anew.

        Args:
            reason: One of `timbral.errors.REFUSALS`.
            message: A sentence for the listener.
        """
        self._change(state="refused", reason=reason, message=message)
        if self.account:
            state: State = "expired" if reason == "expired" else "refused"
            now_uts = int(self._services.outside.clock.now_s())
            provider = self._job.provider
            connection = Connection(self.listener_id, provider, self.account, state, now_uts, reason)
            self._services.outside.connections.put(connection)
        return {"job": "was refused", "reason": reason}

    def _send(self, what: str, delay_s: float) -> dict[str, Any]:
        self._services.outside.queue(self._job.provider).send([self._message.model_dump_json()], delay_s)
        return {"job": what}

    def _change(self, **changes: Any) -> None:
        now_uts = int(self._services.outside.clock.now_s())
        self._services.outside.jobs.change(self.listener_id, self._job.job_id, now_uts, **changes)


def do_message(services: Services, provider: Provider, body: str, until_s: float) -> dict[str, Any]:
    """Do what a message of a provider's queue asks for, as far as the time allows; the rest is another's.

    Args:
        services: Settings and adapters.
        provider: What is the provider's own.
        body: See `timbral.pulling.messages`.
        until_s: When this must be over, in Unix seconds.

    Returns:
        What became of it; it names no listener: it is logged.

    Raises:
        InvalidInput: The message is none, or there is no key to ask with.
        SourceError: The provider failed at its catalogue; the queue brings the message again.
    """
    message = read_message(body)
    match message:
        case EverybodyMessage():
            return begin_everybody(services, provider.name, message, until_s)
        case CatalogueMessage():
            return provider.pull_catalogue(services, message.count, until_s)
        case ListenerMessage():
            job = take_up(services, provider.name, message)
            if job is None:
                return {"job": "is over"}
            return ended(job, provider, lambda: provider.pull_account(services, job, until_s))


def ended(job: Importing, provider: Provider, pull: Callable[[], bool]) -> dict[str, Any]:
    """Note in a job how its pull went; whatever the provider does, the message is done.

    Args:
        job: The job.
        provider: Whom it asks.
        pull: Pulls; says whether nothing is left.
    """
    try:
        is_done = pull()
    except SourceBusy as busy:
        return job.wait(busy.retry_after_s)
    except SourceFailed:
        return job.try_again(f"{provider.title} keeps failing: try again later.")
    except (SourceRefused, NotConnected) as refused:
        reason = refused.reason if isinstance(refused, SourceRefused) else "expired"
        return job.refuse(reason, provider.refusals[reason])
    except Conflict:
        return {"job": "is another invocation's"}
    except InvalidInput as wrong:
        return job.fail(str(wrong))
    return job.finish() if is_done else job.go_on()


def take_up(services: Services, provider: str, message: ListenerMessage) -> Importing | None:
    """Take up a job that a message names; None if it is over, or its listener was erased.

    Args:
        services: Settings and adapters.
        provider: Whose queue it came by.
        message: The message; it may come twice.
    """
    try:
        job = services.outside.jobs.get(message.listener_id, message.job_id)
    except NotFound:
        return None
    if not job.is_under_way or job.provider != provider:
        return None
    taken = Importing(services, job, message)
    taken.note({}, {}, is_urgent=job.state == "queued")
    return taken


def begin_everybody(
    services: Services, provider: str, message: EverybodyMessage, until_s: float
) -> dict[str, Any]:
    """Have every connected account pulled, a message each; those under way are left alone.

    Args:
        services: Settings and adapters.
        provider: Whose accounts.
        message: Where to go on.
        until_s: When this must be over, in Unix seconds; what is left is another message's.

    Returns:
        How many were begun.
    """
    outside, begun_count = services.outside, 0
    for key, one in outside.connections.connected(provider, message.after):
        now_s = outside.clock.now_s()
        try:
            outside.imports.begin(one.listener_id, provider, int(now_s), account=one.account)
            begun_count += 1
        except (Conflict, TooSoon):  # they are importing something themselves
            pass
        if now_s > until_s - _MARGIN_S:
            outside.queue(provider).send([EverybodyMessage(after=key).model_dump_json()])
            break
    return {"begun_count": begun_count}
