"""Spotify, with the app's permission or a listener's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from timbral.providers.spotify import Spotify
    from timbral.providers.spotify_accounts import Grant, SpotifyAccounts
    from timbral.providers.stack import Run
    from timbral.pulling.spotify.desk import SpotifyDesk
    from timbral.pulling.spotify.permission import Permissions
    from timbral.settings import Settings
    from timbral.wiring.outside import Outside

REQUEST_S = 15.0
"""How long a request that needs Spotify waits for it: the gateway gives up after half a minute."""


class SpotifyWiring:
    """What asks Spotify.

    Args:
        outside: Services of others, and what it takes to ask them.
        settings: All that can be set from outside.
    """

    def __init__(self, outside: Outside, settings: Settings) -> None:
        self._outside = outside
        self._settings = settings

    def accounts(self, run: Run) -> SpotifyAccounts:
        """Return Spotify's account service.

        Args:
            run: What the calls of this run share.

        Raises:
            InvalidInput: There is no key to ask with.
        """
        from timbral.errors import InvalidInput
        from timbral.providers.spotify_accounts import LIMITS, SpotifyAccounts, SpotifyApp, judge_accounts

        client_id, secret = (
            self._outside.secrets.get(f"spotify/{name}") for name in ("client_id", "client_secret")
        )
        if not client_id or not secret:
            msg = (
                "Spotify asks for an app: set TIMBRAL_SPOTIFY_CLIENT_ID and TIMBRAL_SPOTIFY_CLIENT_SECRET "
                "(https://developer.spotify.com/dashboard)"
            )
            raise InvalidInput(msg, "TIMBRAL_SPOTIFY_CLIENT_ID")
        address = self._settings.spotify_accounts_address
        sender = self._outside.sender("spotify-accounts", address, judge_accounts, run, LIMITS)
        return SpotifyAccounts(sender, SpotifyApp(client_id, secret))

    def permissions(self, run: Run) -> Permissions:
        """Return listeners' permissions at Spotify.

        Args:
            run: What the calls of this run share.
        """
        from timbral.pulling.spotify.permission import Permissions

        accounts = self.accounts(run)
        return Permissions(
            accounts, self._outside.listener_secrets, self._outside.connections, self._outside.clock
        )

    def of_listener(self, permissions: Permissions, listener_id: str, run: Run) -> Spotify:
        """Return Spotify with a listener's permission.

        Args:
            permissions: Listeners' permissions.
            listener_id: Whose.
            run: What the calls of this run share.
        """
        return self._spotify(lambda: permissions.renew(listener_id), run)

    def catalogue(self, run: Run, calls_count: int) -> Spotify:
        """Return Spotify for what is nobody's.

        Args:
            run: What the calls of this run share.
            calls_count: What it may ask at most.
        """
        accounts = self.accounts(run)
        return self._spotify(lambda: accounts.grant_app(self._outside.clock.now_s()), run, calls_count)

    def _spotify(self, grant: Callable[[], Grant], run: Run, calls_count: int = 10_000) -> Spotify:
        from timbral.providers.spotify import (
            LIMITS,
            Authorised,
            Counted,
            GrantedTokens,
            Spotify,
            judge_spotify,
        )

        address = self._settings.spotify_address
        reader = self._outside.sender("spotify", address, judge_spotify, run, LIMITS)
        writer = self._outside.sender("spotify", address, judge_spotify, run, LIMITS, once=True)
        tokens = GrantedTokens(grant, self._outside.clock.now_s)
        return Spotify(Counted(Authorised(reader, tokens), calls_count), Authorised(writer, tokens))

    def desk(self) -> SpotifyDesk:
        """Return what a request asks of Spotify while its listener waits."""
        from timbral.pulling.spotify.desk import SpotifyDesk

        run = self._outside.run(self._outside.clock.now_s() + REQUEST_S)
        permissions = self.permissions(run)
        return SpotifyDesk(
            permissions,
            lambda listener_id: self.of_listener(permissions, listener_id, run),
            self._outside.imports,
            self._settings.spotify_redirects,
        )
