"""Album of the Year's pages: it has no interface for programs, so it is asked seldom, slowly and politely."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.errors import SourceBusy, SourceFailed
from timbral.providers.calls import Call
from timbral.providers.judging import judge_status
from timbral.providers.traffic import TrafficLimits

if TYPE_CHECKING:
    from collections.abc import Callable

    from timbral.providers.calls import Reply, Sender

ADDRESS = "https://www.albumoftheyear.org"
USER_AGENT = "timbral (enrichment of new releases; obeys robots.txt)"
LIMITS = TrafficLimits(calls_per_s=0.2, lease_count=1, failures_count=3, open_s=3_600.0, longest_wait_s=30.0)
"""One page in five seconds from all of us together; three failures in a row close the door for an hour."""

CHALLENGED_S = 86_400.0
_TAIL = 1_000
_SHUT = frozenset((401, 403, 429))


def judge_pages(is_challenge: Callable[[str], bool]) -> Callable[[Call, Reply, float], None]:
    """Return a judge of the site's answers.

    Args:
        is_challenge: Knows a page that asks to prove that one is no robot.

    Returns:
        It raises `SourceBusy` for a day where we aren't wanted, which keeps everyone away, and
        `SourceFailed` for a page that ends early, and for one in place of what robots may do; for
        the rest see `judge_status`.
    """

    def judge(call: Call, reply: Reply, now_s: float) -> None:
        text = reply.body.decode("utf-8", "replace")
        is_page = call.name != "robots"
        if reply.status in _SHUT or is_challenge(text):
            raise SourceBusy(f"{call.name} was answered with a challenge or a closed door", CHALLENGED_S)
        judge_status(call, reply, now_s)
        if is_page and "</html>" not in text[-_TAIL:].lower():
            raise SourceFailed(f"{call.name} was answered with half a page")
        if not is_page and text.lstrip().startswith("<"):
            raise SourceFailed(f"{call.name} was answered with a page")

    return judge


class AotySite:
    """The site's pages.

    Args:
        sender: Carries calls to `ADDRESS`; its judge is `judge_pages`, its limits are `LIMITS`.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def robots(self) -> str:
        """Get what robots may do."""
        return self._text(Call("robots", "/robots.txt"))

    def search(self, words: str) -> str:
        """Get the page of albums that a search finds."""
        return self._text(Call("search", "/search/albums/", params={"q": words}))

    def page(self, path: str) -> str:
        """Get a page."""
        return self._text(Call("page", path))

    def _text(self, call: Call) -> str:
        return self._sender.send(call).body.decode("utf-8", "replace")
