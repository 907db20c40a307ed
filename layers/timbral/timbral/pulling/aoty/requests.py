"""Which albums are worth a look: those that many hear this week, and those that were searched for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import orjson

from timbral.core.normalise import artist_id, identify
from timbral.digests import digest_json
from timbral.errors import InvalidInput
from timbral.tables.raw import ALBUMS_AOTY, USER_SCROBBLES_RAW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from timbral.store.objects import Objects
    from timbral.store.tables import Tables

WEEK_S = 7 * 86_400
WEEKLY_SCROBBLES = 1_000
REQUESTS = "raw/providers/aoty/requests"
MOST_WISHES = 10_000
"""So many albums one process asks for: whoever searches for nonsense doesn't fill the store."""

_HEARD = """
SELECT artist, album, count(*) AS scrobbles_count
FROM scrobbles
WHERE scrobbled_at_uts > ? AND scrobbled_at_uts <= ? AND trim(coalesce(album, '')) <> ''
GROUP BY artist, album
HAVING count(*) > ?
ORDER BY scrobbles_count DESC, artist, album
"""


@dataclass(frozen=True)
class WantedAlbum:
    """An album that is asked for.

    Attributes:
        artist: Its artist as spelled by who asks.
        title: Its title as spelled.
    """

    artist: str
    title: str

    @property
    def key(self) -> str:
        """The same for all spellings that mean one album."""
        try:
            names = [artist_id(self.artist), identify(self.artist, self.title).title_key]
        except InvalidInput:
            names = [self.artist, self.title]
        return digest_json(names)


def ask_for_album(objects: Objects, album: WantedAlbum) -> None:
    """Ask for an album that a search found nothing about; asked for twice it is asked for once."""
    objects.create(f"{REQUESTS}/{album.key}.json", orjson.dumps(asdict(album)))


class AlbumWishes:
    """Asks for albums that searches find nothing about, each once a process: a search waits for no more.

    Args:
        objects: Returns the store.
    """

    def __init__(self, objects: Callable[[], Objects]) -> None:
        self._objects = objects
        self._asked: set[WantedAlbum] = set()

    def ask(self, albums: Iterable[WantedAlbum]) -> None:
        """Ask for albums."""
        for album in albums:
            if album not in self._asked and len(self._asked) < MOST_WISHES:
                self._asked.add(album)
                ask_for_album(self._objects(), album)


def requested_albums(objects: Objects) -> Iterator[WantedAlbum]:
    """Yield the albums that were asked for."""
    for info in objects.list(REQUESTS):
        yield WantedAlbum(**orjson.loads(objects.get(info.key)))


def forget_request(objects: Objects, album: WantedAlbum) -> None:
    """Take back what was asked for, once it was looked up."""
    objects.delete([f"{REQUESTS}/{album.key}.json"])


def heard_albums(tables: Tables, now_uts: int, least: int = WEEKLY_SCROBBLES) -> list[WantedAlbum]:
    """List the albums that were heard more than ``least`` times in the week before, the most first.

    Those that the site's facts are known of already are left out.
    """
    views = {
        "scrobbles": (USER_SCROBBLES_RAW, tables.current(USER_SCROBBLES_RAW)),
        "albums": (ALBUMS_AOTY, tables.current(ALBUMS_AOTY)),
    }
    with tables.engine(views) as engine:
        heard = engine.execute(_HEARD, [now_uts - WEEK_S, now_uts, least]).fetchall()
        known = engine.execute("SELECT DISTINCT artist, title FROM albums").fetchall()
    known_keys = {WantedAlbum(artist, title).key for artist, title in known}
    wanted = [WantedAlbum(artist, album) for artist, album, _ in heard]
    return [
        album for album in {one.key: one for one in reversed(wanted)}.values() if album.key not in known_keys
    ][::-1]
