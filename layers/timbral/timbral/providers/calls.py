"""What is asked of an outside service, what it answers, and who carries both."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import orjson

from timbral.errors import SourceFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

Method = Literal["GET", "POST", "PUT", "DELETE"]
_MARK = b"\xef\xbb\xbf"  # some answers begin with a byte order mark


@dataclass(frozen=True)
class Call:
    """One question.

    Attributes:
        name: The endpoint as its service calls it; the only part of a call that is logged.
        path: Its path below the service's address.
        method: HTTP method.
        params: Query parameters; they may hold keys, so they are neither logged nor shown.
        headers: Further headers; not shown either.
        form: Fields of a form to send.
        json: A JSON value to send.
    """

    name: str
    path: str = ""
    method: Method = "GET"
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    json: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class Reply:
    """What came back.

    Attributes:
        status: HTTP status.
        headers: Headers by their names in lower case.
        body: The bytes, unpacked.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """Return the body's value.

        Raises:
            SourceFailed: It is no JSON: cut off, or a page of HTML.
        """
        try:
            return orjson.loads(self.body.removeprefix(_MARK))
        except orjson.JSONDecodeError as error:
            kind = self.headers.get("content-type", "unknown type").split(";")[0]
            msg = f"an answer of {len(self.body)} bytes ({kind}) is no JSON"
            raise SourceFailed(msg) from error


class Sender(Protocol):
    """Carries a call and brings what came back; senders are stacked on one another."""

    def send(self, call: Call) -> Reply:
        """Ask.

        Raises:
            SourceFailed: It failed in a way that may pass: asking again is worth it.
            SourceBusy: It named a time to come back.
            SourceRefused: It said no, and will say so again.
        """


class Clock(Protocol):
    """Time, as senders see it."""

    def now_s(self) -> float:
        """Return Unix seconds."""

    def sleep(self, seconds: float) -> None:
        """Wait."""
