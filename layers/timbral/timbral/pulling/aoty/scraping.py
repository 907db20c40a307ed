"""One run of the enrichment of new releases: searches for albums, reads their pages, keeps what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from timbral.core.matching import Described, Grade, match
from timbral.errors import InvalidInput, SourceBusy, SourceRefused
from timbral.pulling.aoty.requests import WantedAlbum, forget_request
from timbral.pulling.aoty.robots import read_robots
from timbral.raw.answers.envelope import Asked
from timbral.raw.aoty.page import read_album_page
from timbral.raw.aoty.search_page import read_search_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from timbral.providers.aoty import AotySite
    from timbral.providers.calls import Clock
    from timbral.pulling.aoty.robots import Robots
    from timbral.store.objects import Objects

LOOKED_UP = "raw/providers/aoty/albums"
LOOK_AGAIN_S = 30 * 86_400
SEARCH_PATH = "/search/albums/"


@dataclass
class ScrapeReport:
    """What a run came to.

    Attributes:
        looked_up_count: Albums that were searched for.
        found_count: Of these, albums whose page was read.
        known_count: Albums that were looked up lately, and so weren't again.
        forbidden_count: Pages that robots.txt keeps us from.
        retry_after_s: None if the run came to its end; else when it may go on.
    """

    looked_up_count: int = 0
    found_count: int = 0
    known_count: int = 0
    forbidden_count: int = 0
    retry_after_s: float | None = None


class AotyScraping:
    """Looks albums up, one page at a time.

    Args:
        site: The site.
        objects: The store.
        keep: Keeps an answer.
        clock: Time.
        observed_at_uts: When the run was asked for, in Unix seconds.
    """

    def __init__(
        self,
        site: AotySite,
        objects: Objects,
        keep: Callable[[Asked, bytes], object],
        clock: Clock,
        observed_at_uts: int,
    ) -> None:
        self._site = site
        self._objects = objects
        self._keep = keep
        self._clock = clock
        self._observed_at_uts = observed_at_uts

    def run(self, albums: Iterable[WantedAlbum], most_count: int) -> ScrapeReport:
        """Look up albums until there are no more, ``most_count`` were, or the site says stop.

        While robots.txt forbids searching, whatever was asked for stays so.

        Raises:
            SourceFailed: The site fails.
            SourceRefused: It refuses its robots.txt.
        """
        report = ScrapeReport()
        try:
            robots = read_robots(self._site, self._objects, self._observed_at_uts)
            if not robots.allows(SEARCH_PATH):
                report.forbidden_count += 1
                return report
            for album in albums:
                if report.looked_up_count >= most_count:
                    break
                if self._is_known(album):
                    report.known_count += 1
                else:
                    self._look_up(album, robots, report)
                forget_request(self._objects, album)
        except SourceBusy as busy:
            report.retry_after_s = busy.retry_after_s
        return report

    def _look_up(self, album: WantedAlbum, robots: Robots, report: ScrapeReport) -> None:
        path = self._find(album, robots)
        if path is not None and self._allowed(path, robots, report):
            report.found_count += self._read(album, path)
        report.looked_up_count += 1
        noted = {"path": path, "looked_up_at_uts": self._observed_at_uts}
        self._objects.put(f"{LOOKED_UP}/{album.key}.json", orjson.dumps(noted))

    def _find(self, album: WantedAlbum, robots: Robots) -> str | None:
        self._clock.sleep(robots.delay_s)
        html = self._site.search(f"{album.artist} {album.title}")
        wanted = Described(album.artist, album.title)
        for found in read_search_page(html):
            try:
                if match(wanted, Described(found.artist, found.title)).grade >= Grade.HIGH:
                    return found.path
            except InvalidInput:
                continue  # a name of nothing but white space
        return None

    def _read(self, album: WantedAlbum, path: str) -> int:
        """Keep a page, and what it says."""
        try:
            html = self._site.page(path)
            self._keep(self._asked("page", {"path": path}), orjson.dumps({"html": html}))
            document = read_album_page(html)
        except (SourceRefused, InvalidInput):
            return 0  # it is gone, or is no album's page after all
        params = {"path": path, "artist": album.artist, "title": album.title}
        self._keep(self._asked("album", params), orjson.dumps(document, option=orjson.OPT_SORT_KEYS))
        return 1

    def _allowed(self, path: str, robots: Robots, report: ScrapeReport) -> bool:
        if not robots.allows(path):
            report.forbidden_count += 1
            return False
        self._clock.sleep(robots.delay_s)
        return True

    def _is_known(self, album: WantedAlbum) -> bool:
        found = self._objects.get_tagged(f"{LOOKED_UP}/{album.key}.json")
        if found is None:
            return False
        return bool(self._observed_at_uts - orjson.loads(found[0])["looked_up_at_uts"] < LOOK_AGAIN_S)

    def _asked(self, kind: str, params: dict[str, str]) -> Asked:
        return Asked("aoty", kind, self._observed_at_uts, None, params)
