"""Last.fm: its endpoints, and what its answers mean.

Source: https://www.last.fm/api
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from timbral.errors import SourceBusy, SourceFailed, SourceRefused
from timbral.providers.calls import Call, Reply
from timbral.providers.judging import judge_status, retry_after_s
from timbral.providers.traffic import TrafficLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from timbral.providers.calls import Sender

PROVIDER = "lastfm"
ADDRESS = "https://ws.audioscrobbler.com/2.0/"
LIMITS = TrafficLimits(calls_per_s=4.0, lease_count=4)
PAGE_ROWS = 200
"""Most rows that ``user.getRecentTracks`` gives at once."""
TOP_ROWS = 1_000

_RATE_LIMIT = 29
_PASSING = frozenset((2, 8, 11, 16))
_REASONS = {
    3: "forbidden",  # a method that is gone, as library.getTracks is for most
    4: "expired",
    6: "unknown",
    7: "unknown",
    9: "expired",
    10: "forbidden",
    13: "forbidden",
    14: "expired",
    15: "expired",
    17: "private",
    26: "forbidden",
    27: "forbidden",
}
_ROOTS = {
    "user.getRecentTracks": "recenttracks",
    "user.getTopTracks": "toptracks",
    "user.getTopArtists": "topartists",
    "library.getTracks": "tracks",
    "track.getTopTags": "toptags",
    "artist.getTopTags": "toptags",
    "auth.getSession": "session",
}


@dataclass(frozen=True)
class LastfmKey:
    """What Last.fm knows an application by.

    Attributes:
        api_key: Sent with every call.
        secret: Signs calls; never sent.
    """

    api_key: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)


def sign(params: Mapping[str, str], secret: str) -> str:
    """Sign a call's parameters.

    Source: https://www.last.fm/api/authspec, section 8: names and values in order of the names, then the
    secret, as MD5.
    """
    text = "".join(f"{name}{params[name]}" for name in sorted(params) if name != "format") + secret
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()  # the service's own choice


class Lastfm:
    """Last.fm's endpoints; each returns the answer, judged and whole.

    Args:
        sender: Who asks.
        key: The application's.
        session: A listener's session, for what they show to us alone.
    """

    def __init__(self, sender: Sender, key: LastfmKey, session: str | None = None) -> None:
        self._sender = sender
        self._key = key
        self._session = session

    def recent_tracks(self, user: str, after_uts: int, before_uts: int, page: int, limit: int) -> Reply:
        """Ask what somebody played between two moments, newest first."""
        return self._ask(
            "user.getRecentTracks",
            **{"user": user, "from": after_uts, "to": before_uts, "page": page, "limit": limit},
        )

    def top_tracks(self, user: str, page: int) -> Reply:
        """Ask what somebody played most."""
        return self._ask("user.getTopTracks", user=user, period="overall", page=page, limit=TOP_ROWS)

    def top_artists(self, user: str, page: int) -> Reply:
        """Ask whom somebody played most."""
        return self._ask("user.getTopArtists", user=user, period="overall", page=page, limit=TOP_ROWS)

    def library_tracks(self, user: str, page: int) -> Reply:
        """Ask for somebody's library; the service has withdrawn this for most."""
        return self._ask("library.getTracks", user=user, page=page, limit=TOP_ROWS)

    def track_tags(self, artist: str, track: str) -> Reply:
        """Ask what people call a track."""
        return self._ask("track.getTopTags", artist=artist, track=track)

    def artist_tags(self, artist: str) -> Reply:
        """Ask what people call an artist."""
        return self._ask("artist.getTopTags", artist=artist)

    def open_session(self, token: str) -> Reply:
        """Turn a token that a listener has allowed into a session that lasts.

        Raises:
            SourceRefused: The token is forged, expired or not allowed by the listener.
        """
        return self._ask("auth.getSession", token=token)

    def _ask(self, method: str, **params: Any) -> Reply:
        full = {name: str(value) for name, value in params.items()}
        full |= {"method": method, "api_key": self._key.api_key, "format": "json"}
        if self._session is not None:
            full["sk"] = self._session
        if self._key.secret is not None and ("sk" in full or method == "auth.getSession"):
            full["api_sig"] = sign(full, self._key.secret)
        return self._sender.send(Call(method, params=full))


def judge_lastfm(call: Call, reply: Reply, now_s: float) -> None:
    """Judge an answer: errors come with status 200 too, and lists of another page than was asked for.

    Raises:
        SourceBusy: Error 29, or status 429.
        SourceFailed: Errors that pass, an unknown error, or an answer that isn't what was asked for.
        SourceRefused: Errors that won't pass: unknown, private, forbidden, expired.
    """
    try:
        value = reply.json()
    except SourceFailed:
        if reply.status == 403:  # noqa: PLR2004  Forbidden
            raise SourceRefused(f"{call.name} is forbidden", _forbidden(call)) from None
        if reply.status == 400:  # noqa: PLR2004  Bad Request; it may be passing
            raise SourceFailed(f"{call.name} was answered with status 400") from None
        judge_status(call, reply, now_s)
        raise
    if isinstance(value, dict) and "error" in value:
        _judge_error(call, value, reply, now_s)
    if reply.status == 403:  # noqa: PLR2004  Forbidden
        raise SourceRefused(f"{call.name} is forbidden", _forbidden(call))
    judge_status(call, reply, now_s)
    block = value.get(_ROOTS[call.name]) if isinstance(value, dict) else None
    if block is None:
        raise SourceFailed(f"{call.name} answered with something else")
    given = block.get("@attr", block) if isinstance(block, dict) else {}
    page = given.get("page") if isinstance(given, dict) else None
    if "page" in call.params and str(page).isdigit() and str(page) not in {"0", call.params["page"]}:
        raise SourceFailed(f"{call.name} answered with page {page} for page {call.params['page']}")


def _forbidden(call: Call) -> str:
    return "private" if call.name.startswith("user.") else "forbidden"


def _judge_error(call: Call, value: Mapping[str, Any], reply: Reply, now_s: float) -> None:
    code = value["error"]
    if code == _RATE_LIMIT:
        wait_s = retry_after_s(reply.headers, now_s)
        raise SourceBusy(f"{call.name}: error 29, asked too often", wait_s or 0.0)
    if code not in _PASSING and code in _REASONS:
        raise SourceRefused(f"{call.name} was refused with error {code}", _REASONS[code])
    raise SourceFailed(f"{call.name} failed with error {code!s:.20}")
