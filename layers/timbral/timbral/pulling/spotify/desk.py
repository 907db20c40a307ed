"""What a request asks of Spotify while its listener waits: to connect, to read a playlist, to fill one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.errors import InvalidRequest, SourceRefused
from timbral.pulling.spotify.permission import ACCOUNT, PROVIDER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from timbral.providers.spotify import Spotify
    from timbral.pulling.imports import Imports
    from timbral.pulling.jobs import Job
    from timbral.pulling.spotify.listener import KnownTrack
    from timbral.pulling.spotify.permission import Permissions


class SpotifyDesk:
    """Spotify for one request.

    Args:
        permissions: Listeners' permissions.
        spotify: Returns the API with a listener's permission.
        imports: Begins imports.
        redirects: Where Spotify may send listeners back to.
    """

    def __init__(
        self,
        permissions: Permissions,
        spotify: Callable[[str], Spotify],
        imports: Imports,
        redirects: Sequence[str],
    ) -> None:
        self._permissions = permissions
        self._spotify = spotify
        self._imports = imports
        self._redirects = redirects

    def connect(
        self, listener_id: str, now_uts: int, code: str, redirect_uri: str, code_verifier: str | None
    ) -> Job:
        """Connect a listener, and begin to import what they play most and their playlists.

        Asked again while that goes on, it is the same import, and Spotify isn't asked.

        Raises:
            InvalidRequest: The address is none of ours, or the code is no longer good.
            SourceError: Spotify fails.
        """
        if redirect_uri not in self._redirects:
            msg = "the operator allows no such address: it must be one of those in TIMBRAL_SPOTIFY_REDIRECTS"
            raise InvalidRequest(msg, "body.redirect_uri")

        def exchange() -> None:
            try:
                self._permissions.connect(listener_id, code, redirect_uri, code_verifier)
            except SourceRefused as refused:
                msg = "the code is forged, too old or used before: it must be one that Spotify has just given"
                raise InvalidRequest(msg, "body.code") from refused

        return self._imports.begin(listener_id, PROVIDER, now_uts, account=ACCOUNT, prepare=exchange)

    def playlist(self, listener_id: str, playlist_id: str) -> list[KnownTrack]:
        """Read what is on a playlist, in order.

        Raises:
            NotConnected: The listener hasn't connected, or their permission has run out.
            SourceRefused: There is no such playlist, or it isn't shown to them.
            SourceError: Spotify fails.
        """
        from timbral.pulling.spotify.listener import read_playlist  # noqa: PLC0415  few requests need it

        self._permissions.check(listener_id)
        with self._permissions.noting_its_end(listener_id):
            return read_playlist(self._spotify(listener_id), playlist_id)

    def fill(self, listener_id: str, playlist_id: str, spotify_ids: Sequence[str]) -> int:
        """Add tracks to the end of a playlist, those that aren't on it; return how many were added.

        Raises:
            NotConnected: The listener hasn't connected, or their permission has run out.
            SourceRefused: There is no such playlist, or it isn't theirs.
            SourceError: Spotify fails.
        """
        from timbral.pulling.spotify.listener import fill_playlist  # noqa: PLC0415  few requests need it

        self._permissions.check(listener_id)
        with self._permissions.noting_its_end(listener_id):
            return fill_playlist(self._spotify(listener_id), playlist_id, spotify_ids)
