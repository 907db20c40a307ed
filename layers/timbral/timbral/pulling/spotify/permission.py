"""What a listener has permitted at Spotify: kept as a secret, renewed, and marked once it has run out."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from timbral.errors import NotConnected, SourceRefused
from timbral.pulling.connections import Connection, secret_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timbral.providers.calls import Clock
    from timbral.providers.secrets import KeptSecrets
    from timbral.providers.spotify_accounts import Grant, SpotifyAccounts
    from timbral.pulling.connections import Connections, State

PROVIDER = "spotify"
ACCOUNT = "me"
"""Spotify's API never needs an account's name: a token stands for its listener."""
EXPIRED = "your permission at Spotify has run out or was taken back: connect it again"


class Permissions:
    """Listeners' permissions at Spotify.

    Args:
        accounts: Spotify's account service.
        secrets: Where refresh tokens are kept.
        connections: Where it is noted who has connected.
        clock: Time.
    """

    def __init__(
        self, accounts: SpotifyAccounts, secrets: KeptSecrets, connections: Connections, clock: Clock
    ) -> None:
        self._accounts = accounts
        self._secrets = secrets
        self._connections = connections
        self._clock = clock

    def connect(self, listener_id: str, code: str, redirect_uri: str, code_verifier: str | None) -> None:
        """Turn the code that a listener brings back into a permission that lasts, and keep it.

        Args:
            listener_id: Who permits.
            code: What Spotify sent them back with.
            redirect_uri: Where to.
            code_verifier: The secret whose digest the page sent Spotify first (PKCE), if it did.

        Raises:
            SourceRefused: ``expired``: the code is forged, used up or too old.
            SourceError: Spotify fails.
        """
        grant = self._accounts.exchange(code, redirect_uri, self._clock.now_s(), code_verifier)
        if grant.refresh_token is None:
            msg = "Spotify gave a permission that doesn't last"
            raise SourceRefused(msg, "invalid")
        self._secrets.put(secret_name(listener_id, PROVIDER, "permission"), grant.refresh_token)
        self._mark(listener_id, "")

    def renew(self, listener_id: str) -> Grant:
        """Return what a call may show now; a refresh token that is replaced is kept.

        Raises:
            SourceRefused: ``expired``: there is no permission, or no longer.
            SourceError: Spotify fails.
        """
        name = secret_name(listener_id, PROVIDER, "permission")
        refresh_token = self._secrets.get(name)
        if refresh_token is None:
            raise SourceRefused(EXPIRED, "expired")
        try:
            grant = self._accounts.refresh(refresh_token, self._clock.now_s())
        except SourceRefused:
            newer = self._secrets.get(name)  # another invocation may have been given it meanwhile
            if newer in {None, refresh_token}:
                raise
            grant = self._accounts.refresh(str(newer), self._clock.now_s())
        if grant.refresh_token not in {None, refresh_token}:
            self._secrets.put(name, str(grant.refresh_token))
        return grant

    @contextmanager
    def noting_its_end(self, listener_id: str) -> Iterator[None]:
        """Note that a permission has run out, if that is what happens within.

        Raises:
            NotConnected: It has.
        """
        try:
            yield
        except SourceRefused as refused:
            if refused.reason != "expired":
                raise
            self._mark(listener_id, "expired")
            self._secrets.delete(secret_name(listener_id, PROVIDER, "permission"))
            raise NotConnected(EXPIRED) from refused

    def check(self, listener_id: str) -> None:
        """Make sure that a listener has connected.

        Raises:
            NotConnected: They haven't, or their permission has run out.
        """
        connection = self._connections.get(listener_id, PROVIDER)
        if connection is None:
            msg = "you have not connected Spotify: POST /ingest/spotify does"
            raise NotConnected(msg)
        if connection.state != "connected":
            raise NotConnected(EXPIRED)

    def _mark(self, listener_id: str, reason: str) -> None:
        state: State = "expired" if reason else "connected"
        now_uts = int(self._clock.now_s())
        self._connections.put(Connection(listener_id, PROVIDER, ACCOUNT, state, now_uts, reason))
