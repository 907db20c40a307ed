"""What the site's robots.txt allows; it is asked for once a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from protego import Protego

from timbral.errors import SourceRefused
from timbral.providers.aoty import USER_AGENT

if TYPE_CHECKING:
    from timbral.providers.aoty import AotySite
    from timbral.store.objects import Objects

KEY = "raw/providers/aoty/robots.json"
FRESH_S = 86_400
MISSING = "unknown"
_NAME = USER_AGENT.split(" ", 1)[0]


class Robots:
    """The rules, as far as they are about us.

    Args:
        text: The file.

    Source: RFC 9309
    """

    def __init__(self, text: str) -> None:
        self._rules = Protego.parse(text)

    def allows(self, path: str) -> bool:
        """Say whether a page may be got."""
        return bool(self._rules.can_fetch(path, _NAME))

    @property
    def delay_s(self) -> float:
        """How long is to be waited between pages; 0 if it doesn't say."""
        return float(self._rules.crawl_delay(_NAME) or 0.0)


def read_robots(site: AotySite, objects: Objects, now_uts: int) -> Robots:
    """Return the rules, from the store if they were got within a day.

    Raises:
        SourceError: They can't be had; then nothing else may be got either.
    """
    found = objects.get_tagged(KEY)
    known = orjson.loads(found[0]) if found else None
    if known is not None and now_uts - known["got_at_uts"] < FRESH_S:
        return Robots(known["text"])
    try:
        text = site.robots()
    except SourceRefused as error:
        if error.reason != MISSING:
            raise
        text = ""  # a site without the file allows all
    objects.put(KEY, orjson.dumps({"text": text, "got_at_uts": now_uts}))
    return Robots(text)
