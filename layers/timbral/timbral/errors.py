"""Everything that Timbral raises on purpose, and what a caller does about it.

TimbralError
├── InvalidRequest      400  the caller asked wrongly; never retried
│   └── InvalidInput    400  a file, a setting or an argument is not what it must be
├── NotFound            404  nothing under that key; never retried
├── Conflict            409  somebody else moved first; read again, then decide again
├── NotConnected        409  the listener's account at a provider isn't connected, or no longer
├── TooSoon             429  asked again before it was time; it names when
├── ContractBroken      500  a row or an artifact is not what its declaration promises
├── StoreError          500  the store refused or failed: permission, space, connection
│   └── StoreVersion    500  the store was written by another version of Timbral
└── SourceError         502  an outside service didn't give what we asked for
    ├── SourceFailed    502  ... but may the next time: unreachable, broken off, not what it promised
    ├── SourceBusy      503  ... and named a time to come back; the queue retries
    └── SourceRefused   502  ... and won't: unknown, private, forbidden, expired; never retried
"""

from __future__ import annotations


class TimbralError(Exception):
    """Root of the tree; its message is one sentence fit for a user.

    Attributes:
        status: The HTTP status that the API answers with.
        slug: Stable last part of the problem type's URI.
    """

    status = 500
    slug = "internal"


class InvalidRequest(TimbralError):
    """The caller asked for something that can't be done.

    Args:
        message: What is wrong, and what is allowed.
        field: The field at fault, if it is one.
    """

    status = 400
    slug = "invalid-request"

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class InvalidInput(InvalidRequest):
    """A file, a setting or a command-line argument is not what it must be."""

    slug = "invalid-input"


class NotFound(TimbralError):
    """There is nothing under that key."""

    status = 404
    slug = "not-found"


class Conflict(TimbralError):
    """Somebody else wrote first; the caller reads again and decides again."""

    status = 409
    slug = "conflict"


class NotConnected(TimbralError):
    """The listener's account at a provider isn't connected, or no longer; they connect it and ask again."""

    status = 409
    slug = "not-connected"


class TooSoon(TimbralError):
    """The caller asks again before it is time.

    Args:
        message: What was asked for too soon.
        retry_after_s: Seconds to wait.
    """

    status = 429
    slug = "too-soon"

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ContractBroken(TimbralError):
    """A row, a model or a table is not what its declaration promises."""

    slug = "contract-broken"


class StoreError(TimbralError):
    """The store refused or failed: permission, space, connection."""

    slug = "store"


class StoreVersion(StoreError):
    """The store was written by a version of Timbral that this one can't read."""

    slug = "store-version"


class SourceError(TimbralError):
    """An outside service didn't give what we asked for."""

    status = 502
    slug = "source"


class SourceFailed(SourceError):
    """An outside service failed in a way that may pass."""

    slug = "source-failed"


REFUSALS = ("unknown", "private", "forbidden", "expired", "invalid")
"""Why a service refuses: it knows no such thing; its owner hides it; we may not; our permission has run out
or was taken back; what we asked makes no sense to it."""


class SourceRefused(SourceError):
    """An outside service said no, and will say so again.

    Args:
        message: What was refused.
        reason: One of `REFUSALS`.
    """

    slug = "source-refused"

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class SourceBusy(SourceError):
    """An outside service asked us to come back later.

    Args:
        message: What happened.
        retry_after_s: Seconds to wait.
    """

    status = 503
    slug = "source-busy"

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
