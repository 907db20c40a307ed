"""What Spotify knows of one listener: their top tracks and playlists, for when nothing else is known."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import orjson

from timbral.errors import SourceFailed, SourceRefused
from timbral.raw.answers.envelope import Asked
from timbral.raw.answers.spotify import first_artist, page_items
from timbral.store.listeners import listener_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from timbral.providers.calls import Reply
    from timbral.providers.spotify import Spotify
    from timbral.store.objects import Objects

MOST_TOP_TRACKS = 200
MOST_PLAYLISTS = 200
MOST_PLAYLIST_TRACKS = 2_000
_WRITE_TRIES = 5
_BATCH = 100


@dataclass(frozen=True)
class KnownTrack:
    """A track that a listener likes, as Spotify has it.

    Attributes:
        spotify_id: Spotify's id.
        artist: Its first artist.
        track: Its title.
    """

    spotify_id: str
    artist: str
    track: str


def top_tracks_key(listener_id: str) -> str:
    """Return where a listener's top tracks lie."""
    return f"{listener_prefix('raw', listener_id)}/spotify/top_tracks.json"


def playlists_key(listener_id: str) -> str:
    """Return where a listener's playlists lie."""
    return f"{listener_prefix('raw', listener_id)}/spotify/playlists.json"


def read_top_tracks(objects: Objects, listener_id: str) -> list[KnownTrack]:
    """Return what a listener hears most at Spotify, the most first; empty if we don't know."""
    found = objects.get_tagged(top_tracks_key(listener_id))
    return [KnownTrack(**track) for track in orjson.loads(found[0])["tracks"]] if found else []


class SpotifyListener:
    """Pulls one listener.

    Args:
        spotify: The API, with the listener's permission.
        objects: The store.
        keep: Keeps an answer, before anything is read from it.
        listener_id: The listener.
        observed_at_uts: When it was asked for, in Unix seconds.
    """

    def __init__(
        self,
        spotify: Spotify,
        objects: Objects,
        keep: Callable[[Asked, bytes], object],
        listener_id: str,
        observed_at_uts: int,
    ) -> None:
        self._spotify = spotify
        self._objects = objects
        self._keep = keep
        self._listener_id = listener_id
        self._observed_at_uts = observed_at_uts

    def pull(self) -> dict[str, int]:
        """Pull top tracks and playlists whole, then put them in place of what was known.

        Returns:
            How many tracks and playlists there are.

        Raises:
            SourceError: Spotify fails or refuses; what was known before stays.
        """
        tracks = self._tracks("top-tracks", self._spotify.top_tracks, {}, MOST_TOP_TRACKS)
        self._put(top_tracks_key(self._listener_id), {"tracks": [asdict(track) for track in tracks]})
        return {"top_tracks": len(tracks), "playlists": self._pull_playlists()}

    def _pull_playlists(self) -> int:
        """Read the playlists that have changed; each is noted at once, for a pull that is cut off."""
        key = playlists_key(self._listener_id)
        found = self._objects.get_tagged(key)
        known = {one["id"]: one for one in orjson.loads(found[0])["playlists"]} if found else {}
        current: dict[str, dict[str, Any]] = {}
        listed = self._playlists()
        for playlist in listed:
            name, version = str(playlist["id"]), playlist.get("snapshot_id")
            is_known = version is not None and known.get(name, {}).get("snapshot_id") == version
            current[name] = known[name] if is_known else self._playlist(playlist)
            if not is_known:
                self._put(key, {"playlists": list((known | current).values())})
        self._put(key, {"playlists": list(current.values())})
        return len(listed)

    def _playlists(self) -> list[dict[str, Any]]:
        pages = self._pages("playlists", self._spotify.playlists, {}, MOST_PLAYLISTS)
        items = [item for page in pages for item in page.get("items") or ()]
        known = {item["id"]: item for item in items if isinstance(item, dict) and item.get("id")}
        return [known[name] for name in sorted(known)]

    def _playlist(self, playlist: dict[str, Any]) -> dict[str, Any]:
        name = str(playlist["id"])
        try:
            tracks = self._tracks(
                "playlist-items",
                lambda offset: self._spotify.playlist_items(name, offset),
                {"playlist": name},
                MOST_PLAYLIST_TRACKS,
            )
        except SourceRefused as error:
            if error.reason == "expired":
                raise
            tracks = []  # others' playlists can't be read any more
        return {
            "id": name,
            "name": playlist.get("name") or "",
            "snapshot_id": playlist.get("snapshot_id"),
            "tracks": [asdict(track) for track in tracks],
        }

    def _tracks(
        self, kind: str, ask: Callable[[int], Reply], params: dict[str, str], most: int
    ) -> list[KnownTrack]:
        """Walk pages; a track that moved from one page to the next meanwhile counts once."""
        items = (item for page in self._pages(kind, ask, params, most) for item in page_items(page))
        known = {item["id"]: KnownTrack(item["id"], first_artist(item), item["name"]) for item in items}
        return list(known.values())

    def _pages(
        self, kind: str, ask: Callable[[int], Reply], params: dict[str, str], most: int
    ) -> Iterator[dict[str, Any]]:
        offset = 0
        while offset < most:
            reply = ask(offset)
            asked_with = params | {"offset": str(offset)}
            asked = Asked("spotify", kind, self._observed_at_uts, self._listener_id, asked_with)
            self._keep(asked, reply.body)
            page = reply.json()
            items = page.get("items") if isinstance(page, dict) else None
            if not isinstance(items, list) or not items:
                return
            yield page
            offset += len(items)
            if not page.get("next"):
                return

    def _put(self, key: str, document: dict[str, Any]) -> None:
        stamped = document | {"observed_at_uts": self._observed_at_uts}
        self._objects.put(key, orjson.dumps(stamped, option=orjson.OPT_SORT_KEYS))


def fill_playlist(spotify: Spotify, playlist_id: str, spotify_ids: Sequence[str]) -> int:
    """Add tracks to the end of a playlist, those that aren't on it, in batches of 100.

    After a batch that failed nobody knows whether it was added, so the playlist is read again first: a
    track is never on it twice.

    Args:
        spotify: The API, with the permission of the playlist's owner.
        playlist_id: The playlist.
        spotify_ids: Tracks, in order.

    Returns:
        How many were added.

    Raises:
        SourceFailed: It kept failing.
        SourceRefused: There is no such playlist, or it isn't theirs.
    """
    before: set[str] | None = None
    for attempt in range(_WRITE_TRIES):
        present = {one.spotify_id for one in read_playlist(spotify, playlist_id)}
        missing = [one for one in dict.fromkeys(spotify_ids) if one not in present]
        before = present if before is None else before
        try:
            for at in range(0, len(missing), _BATCH):
                batch = missing[at : at + _BATCH]
                spotify.add_items(playlist_id, [f"spotify:track:{one}" for one in batch])
        except SourceFailed:
            if attempt == _WRITE_TRIES - 1:
                raise
            continue
        return len(set(spotify_ids) - before)
    raise SourceFailed(f"playlist could not be filled in {_WRITE_TRIES} tries")


def read_playlist(spotify: Spotify, playlist_id: str) -> list[KnownTrack]:
    """Read what is on a playlist, each track once, in order.

    Args:
        spotify: The API, with the permission of somebody who may see the playlist.
        playlist_id: The playlist.

    Returns:
        Its tracks; episodes, local files and what was taken down are left out.

    Raises:
        SourceRefused: There is no such playlist, or it isn't theirs to see.
        SourceFailed: It kept failing.
    """
    known: dict[str, KnownTrack] = {}
    offset = 0
    while True:
        page = spotify.playlist_items(playlist_id, offset).json()
        items = page.get("items") or []
        for item in page_items(page):
            known.setdefault(item["id"], KnownTrack(item["id"], first_artist(item), item["name"]))
        offset += len(items)
        if not items or not page.get("next") or len(known) >= MOST_PLAYLIST_TRACKS:
            return list(known.values())
