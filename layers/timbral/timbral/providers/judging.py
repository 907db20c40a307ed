"""What a status means: an answer, a failure that may pass, a time to come back, or no."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from timbral.errors import SourceBusy, SourceFailed, SourceRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from timbral.providers.calls import Call, Clock, Reply, Sender

TOO_MANY, GONE = 429, 410
PASSING = frozenset((408, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529))
_REASONS = {401: "expired", 403: "forbidden", 404: "unknown", 410: "unknown", 451: "forbidden"}
_LONGEST_S = 86_400.0


class Judged:
    """Gives each answer to a judge before anyone else sees it.

    Args:
        inner: Where answers come from.
        judge: Knows the service's ways; `judge_status` where it has none of its own.
        clock: Tells how far off a date in ``Retry-After`` is.
    """

    def __init__(self, inner: Sender, judge: Callable[[Call, Reply, float], None], clock: Clock) -> None:
        self._inner = inner
        self._judge = judge
        self._clock = clock

    def send(self, call: Call) -> Reply:
        """Ask, and raise what the answer means; see `Sender.send`."""
        reply = self._inner.send(call)
        self._judge(call, reply, self._clock.now_s())
        return reply


def judge_status(call: Call, reply: Reply, now_s: float) -> None:
    """Judge an answer by its HTTP status alone.

    Args:
        call: What was asked.
        reply: The answer.
        now_s: The present, in Unix seconds.

    Raises:
        SourceBusy: 429, or 503 with a time to come back.
        SourceFailed: Another status that may pass.
        SourceRefused: Any other that is no success.
    """
    if 200 <= reply.status < 300:  # noqa: PLR2004  as HTTP numbers success
        return
    wait_s = retry_after_s(reply.headers, now_s)
    msg = f"{call.name} was answered with status {reply.status}"
    if reply.status == TOO_MANY or (reply.status in PASSING and wait_s is not None):
        raise SourceBusy(msg, wait_s if wait_s is not None else 0.0)
    if reply.status in PASSING:
        raise SourceFailed(msg)
    raise SourceRefused(msg, _REASONS.get(reply.status, "invalid"))


def retry_after_s(headers: Mapping[str, str], now_s: float) -> float | None:
    """Return how long a service asks us to stay away, at most a day; None if it doesn't say.

    Source: RFC 9110, section 10.2.3: seconds or a date.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _LONGEST_S)
    try:
        return min(max(parsedate_to_datetime(text).timestamp() - now_s, 0.0), _LONGEST_S)
    except (ValueError, IndexError):
        return None
