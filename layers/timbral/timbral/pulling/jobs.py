"""Imports that listeners have asked for: one at a time, each watched by its own listener alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from timbral.digests import digest_json
from timbral.errors import Conflict, NotFound, TooSoon
from timbral.store.listeners import listener_prefix
from timbral.store.seeds import change_document, read_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.store.objects import Objects

State = Literal["queued", "running", "waiting", "done", "failed", "refused"]
UNDER_WAY = ("queued", "running", "waiting")
LOST_S = 3_600
"""A job that hasn't moved for so long has lost its worker: the next one takes its place."""
UNSENT_S = 60
"""A job that has been queued for so long is sent again: whoever began it may have been cut off before."""
REST_S = 60
"""An account is asked for anew so long after it was asked for last, and no sooner."""
MOST_KEPT = 20


@dataclass(frozen=True)
class Job:
    """An import.

    Attributes:
        job_id: Its name.
        provider: Whom it asks.
        account: Which account there; empty until a token has told.
        state: ``waiting`` while the provider has asked us to come back; ``refused`` for good.
        begun_at_uts: When it was asked for, in Unix seconds.
        changed_at_uts: When it moved last.
        pages_count: Answers so far.
        rows_count: Scrobbles, or tracks, so far.
        total_count: How many the provider says there are; None until it has.
        attempts_count: Failures since it moved last.
        reason: Why it was refused, one of `timbral.errors.REFUSALS`; empty if it wasn't.
        message: A sentence for the listener; empty if there is nothing to say.
    """

    job_id: str
    provider: str
    account: str
    state: State
    begun_at_uts: int
    changed_at_uts: int
    pages_count: int = 0
    rows_count: int = 0
    total_count: int | None = None
    attempts_count: int = 0
    reason: str = ""
    message: str = ""

    @property
    def is_under_way(self) -> bool:
        """Whether it isn't over."""
        return self.state in UNDER_WAY

    @property
    def rows_per_s(self) -> float:
        """Scrobbles, or tracks, a second since it was asked for."""
        elapsed_s = self.changed_at_uts - self.begun_at_uts
        return self.rows_count / elapsed_s if elapsed_s > 0 else 0.0


def standing(jobs: Sequence[Job], provider: str, account: str, now_uts: int) -> Job | None:
    """Return the job that already does, or did just now, what is asked for; None if a new one is to begin.

    Args:
        jobs: A listener's jobs, the newest last.
        provider: Whom to ask.
        account: Which account; empty if a token will tell.
        now_uts: The present, in Unix seconds.

    Raises:
        Conflict: Another account of theirs is being imported.
        TooSoon: Another account of theirs was asked for a moment ago.
    """
    latest = next((job for job in reversed(jobs) if job.provider == provider), None)
    if latest is None:
        return None
    is_same = account in ("", latest.account) or not latest.account
    if latest.is_under_way and now_uts - latest.changed_at_uts < LOST_S:
        if not is_same:
            msg = f"the import {latest.job_id} of another account is under way: wait until it is over"
            raise Conflict(msg)
        return latest
    rested_s = now_uts - latest.begun_at_uts
    if latest.is_under_way or rested_s >= REST_S:
        return None
    if is_same and account:
        return latest
    msg = f"an account was asked for {rested_s} seconds ago: try again in {REST_S - rested_s}"
    raise TooSoon(msg, REST_S - rested_s)


class Jobs:
    """Listeners' jobs, one document a listener, ``raw/listeners/<key>/jobs.json``.

    Args:
        objects: The store.
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def begin(self, listener_id: str, provider: str, account: str, now_uts: int) -> tuple[Job, bool]:
        """Begin an import unless one is under way.

        Returns:
            The job, and whether whoever began it must send it on its way.

        Raises:
            Conflict: Another account of theirs is being imported.
            TooSoon: Another account of theirs was asked for a moment ago.
        """
        answer: list[tuple[Job, bool]] = []

        def change(known: dict[str, Any]) -> dict[str, Any]:
            jobs = _jobs_in(known)
            job = standing(jobs, provider, account, now_uts)
            is_new = job is None
            if job is None:
                name = digest_json([listener_id, provider, account, now_uts, len(jobs)])
                job = Job(name, provider, account, "queued", now_uts, now_uts)
                jobs = [*jobs, job][-MOST_KEPT:]
            elif job.state == "queued" and now_uts - job.changed_at_uts >= UNSENT_S:
                is_new, job = True, replace(job, changed_at_uts=now_uts)
                jobs = [job if one.job_id == job.job_id else one for one in jobs]
            answer[:] = [(job, is_new)]
            return {"jobs": [asdict(one) for one in jobs]}

        change_document(self._objects, jobs_key(listener_id), change)
        return answer[0]

    def get(self, listener_id: str, job_id: str) -> Job:
        """Return one of a listener's jobs.

        Raises:
            NotFound: They have none of that name.
        """
        jobs = _jobs_in(read_document(self._objects, jobs_key(listener_id))[0])
        for job in jobs:
            if job.job_id == job_id:
                return job
        msg = "you have no import of that name"
        raise NotFound(msg)

    def change(self, listener_id: str, job_id: str, now_uts: int, **changes: Any) -> None:
        """Change a job; one that is gone, since its listener was erased, stays gone."""

        def change(known: dict[str, Any]) -> dict[str, Any]:
            jobs = [
                replace(job, changed_at_uts=now_uts, **changes) if job.job_id == job_id else job
                for job in _jobs_in(known)
            ]
            return {"jobs": [asdict(one) for one in jobs]} if jobs else known

        if self._objects.exists(jobs_key(listener_id)):
            change_document(self._objects, jobs_key(listener_id), change)


def jobs_key(listener_id: str) -> str:
    """Return where a listener's jobs lie."""
    return f"{listener_prefix('raw', listener_id)}/jobs.json"


def _jobs_in(document: dict[str, Any]) -> list[Job]:
    return [Job(**job) for job in document.get("jobs", [])]
