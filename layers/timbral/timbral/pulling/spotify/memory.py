"""What was asked of Spotify before, so that it isn't asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from timbral.store.objects import Objects

PREFIX = "raw/providers/spotify"
ASK_AGAIN_S = 90 * 86_400
"""A track that wasn't found, or an artist's genres, are asked for again after so long."""


class SpotifyMemory:
    """Small documents below `PREFIX`, one a track and one an artist.

    Args:
        objects: The store.
        now_uts: The present, in Unix seconds.
    """

    def __init__(self, objects: Objects, now_uts: int) -> None:
        self._objects = objects
        self._now_uts = now_uts

    def is_due(self, track_id: str) -> bool:
        """Say whether a track is to be searched: never was, or long ago and in vain."""
        known = self._get(f"tracks/{track_id}")
        return known is None or (known["spotify_id"] is None and self._is_old(known))

    def note_track(self, track_id: str, spotify_id: str | None, grade: str) -> None:
        """Note what a search came to."""
        self._put(f"tracks/{track_id}", {"spotify_id": spotify_id, "grade": grade})

    def genres(self, artist_id: str) -> list[str] | None:
        """Return an artist's genres, None if they must be asked for."""
        known = self._get(f"artists/{artist_id}")
        return None if known is None or self._is_old(known) else list(known["genres"])

    def note_genres(self, artist_id: str, genres: list[str]) -> None:
        """Note an artist's genres."""
        self._put(f"artists/{artist_id}", {"genres": genres})

    def is_refused(self, endpoint: str) -> bool:
        """Say whether an endpoint was forbidden to us."""
        return self._get(f"refused/{endpoint}") is not None

    def note_refusal(self, endpoint: str, reason: str) -> None:
        """Note that an endpoint is forbidden to us; delete the document to have it asked again."""
        self._put(f"refused/{endpoint}", {"reason": reason})

    def _is_old(self, known: dict[str, Any]) -> bool:
        return bool(self._now_uts - known["asked_at_uts"] >= ASK_AGAIN_S)

    def _get(self, name: str) -> dict[str, Any] | None:
        found = self._objects.get_tagged(f"{PREFIX}/{name}.json")
        return dict(orjson.loads(found[0])) if found else None

    def _put(self, name: str, document: dict[str, Any]) -> None:
        stamped = document | {"asked_at_uts": self._now_uts}
        self._objects.put(f"{PREFIX}/{name}.json", orjson.dumps(stamped, option=orjson.OPT_SORT_KEYS))
