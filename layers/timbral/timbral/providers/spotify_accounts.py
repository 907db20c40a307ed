"""Spotify's account service: permission to ask its API.

Source: https://developer.spotify.com/documentation/web-api/tutorials/client-credentials-flow, code-flow,
refreshing-tokens
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from timbral.errors import SourceFailed, SourceRefused
from timbral.providers.calls import Call
from timbral.providers.judging import judge_status
from timbral.providers.traffic import TrafficLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from timbral.providers.calls import Reply, Sender

ADDRESS = "https://accounts.spotify.com"
LIMITS = TrafficLimits(calls_per_s=10.0)
_REASONS = {"invalid_grant": "expired", "invalid_client": "forbidden", "unauthorized_client": "forbidden"}
_EARLY_S = 60.0


@dataclass(frozen=True)
class SpotifyApp:
    """The app that is registered at Spotify.

    Attributes:
        client_id: Its public name.
        client_secret: Its password.
    """

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class Grant:
    """A permission.

    Attributes:
        access_token: What a call shows.
        ends_at_s: Until when it may be used, in Unix seconds; a minute early.
        refresh_token: What brings the next one, if the service gave a new one.
        scope: What it permits.
    """

    access_token: str = field(repr=False)
    ends_at_s: float
    refresh_token: str | None = field(default=None, repr=False)
    scope: str = ""


def judge_accounts(call: Call, reply: Reply, now_s: float) -> None:
    """Judge an answer of the account service.

    Raises:
        SourceRefused: ``expired`` for a token or code that is no longer good (``invalid_grant``),
            ``forbidden`` for an app that is unknown.
        SourceBusy: It is too much at once.
        SourceFailed: It may pass.
    """
    try:
        found = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        found = None
    error = found.get("error") if isinstance(found, dict) else None
    if isinstance(error, str) and error in _REASONS:
        raise SourceRefused(f"{call.name} was refused: {error}", _REASONS[error])
    judge_status(call, reply, now_s)
    if found is None:
        reply.json()


class SpotifyAccounts:
    """The account service's endpoints.

    Args:
        sender: Carries calls to `ADDRESS`; its judge is `judge_accounts`.
        app: Who asks.
    """

    def __init__(self, sender: Sender, app: SpotifyApp) -> None:
        self._sender = sender
        self._app = app

    def grant_app(self, now_s: float) -> Grant:
        """Get a permission for what is nobody's."""
        return self._grant("token.app", {"grant_type": "client_credentials"}, now_s)

    def refresh(self, refresh_token: str, now_s: float) -> Grant:
        """Get the next permission of a listener; ``expired`` six months after they gave theirs."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self._grant("token.refresh", form, now_s)

    def exchange(self, code: str, redirect_uri: str, now_s: float, code_verifier: str | None = None) -> Grant:
        """Turn the code that a listener brings back into their permission."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        form |= {"code_verifier": code_verifier} if code_verifier else {}
        return self._grant("token.exchange", form, now_s)

    def _grant(self, name: str, form: Mapping[str, str], now_s: float) -> Grant:
        secret = f"{self._app.client_id}:{self._app.client_secret}".encode()
        headers = {"authorization": f"Basic {base64.b64encode(secret).decode()}"}
        value = self._sender.send(Call(name, "/api/token", "POST", headers=headers, form=form)).json()
        if not isinstance(value, dict) or not isinstance(value.get("access_token"), str):
            raise SourceFailed(f"{name} was answered without an access token")
        lasts_s = value.get("expires_in")
        ends_at_s = now_s + (lasts_s if isinstance(lasts_s, int | float) else 3_600) - _EARLY_S
        return Grant(
            value["access_token"], ends_at_s, _text(value.get("refresh_token")), str(value.get("scope") or "")
        )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
