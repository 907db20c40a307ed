"""HTTP itself: connections, time limits, and failures in words that hold no secret.

Source: https://httpx2.pydantic.dev (the maintained continuation of httpx).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2

from timbral.errors import SourceFailed
from timbral.providers.calls import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from timbral.providers.calls import Call


@dataclass(frozen=True)
class HttpLimits:
    """How long and how much may be waited for.

    Attributes:
        connect_s: Until a connection stands.
        read_s: Until the next bytes come.
        whole_s: Until the whole answer is there: a service that drips never runs into ``read_s``.
        body_bytes: Largest answer.
    """

    connect_s: float = 5.0
    read_s: float = 20.0
    whole_s: float = 60.0
    body_bytes: int = 32 << 20


def open_client(
    base_url: str, limits: HttpLimits, *, user_agent: str, transport: httpx2.BaseTransport | None = None
) -> httpx2.Client:
    """Open connections to one service.

    Args:
        base_url: Its address; what a call names lies below.
        limits: See `HttpLimits`.
        user_agent: Who asks.
        transport: What carries requests, for tests; the network by default.
    """
    return httpx2.Client(
        base_url=base_url,
        timeout=httpx2.Timeout(limits.read_s, connect=limits.connect_s),
        headers={"user-agent": user_agent, "accept": "application/json"},
        transport=transport,
    )


class HttpTransport:
    """The lowest sender.

    Args:
        client: Open connections; see `open_client`.
        limits: See `HttpLimits`.
        monotonic_s: Seconds from any beginning.
    """

    def __init__(
        self,
        client: httpx2.Client,
        limits: HttpLimits | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._limits = limits or HttpLimits()
        self._monotonic_s = monotonic_s

    def send(self, call: Call) -> Reply:
        """Ask once; any status is an answer.

        Raises:
            SourceFailed: Nothing whole came back. The cause isn't chained: its text holds the address,
                and addresses hold keys.
        """
        try:
            return self._send(call)
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            msg = f"{call.name} brought no whole answer: {type(error).__name__}"
        raise SourceFailed(msg)

    def _send(self, call: Call) -> Reply:
        late_s = self._monotonic_s() + self._limits.whole_s
        content: dict[str, Any] = {"json": call.json} if call.json is not None else {}
        content |= {"data": dict(call.form)} if call.form is not None else {}
        body = bytearray()
        with self._client.stream(
            call.method, call.path, params=dict(call.params) or None, headers=dict(call.headers), **content
        ) as response:
            for block in response.iter_bytes():
                body += block
                if len(body) > self._limits.body_bytes:
                    msg = f"{call.name} answers with more than {self._limits.body_bytes} bytes"
                    raise SourceFailed(msg)
                if self._monotonic_s() > late_s:
                    msg = f"{call.name} was not answered whole within {self._limits.whole_s:g} s"
                    raise SourceFailed(msg)
            headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, bytes(body))
