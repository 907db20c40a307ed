"""Spotify's Web API, as it is since February 2026 and as it was before.

Source: https://developer.spotify.com/documentation/web-api
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from timbral.errors import SourceBusy, SourceRefused
from timbral.providers.calls import Call, Reply
from timbral.providers.judging import judge_status
from timbral.providers.traffic import TrafficLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from timbral.providers.calls import Sender
    from timbral.providers.spotify_accounts import Grant

ADDRESS = "https://api.spotify.com"
LIMITS = TrafficLimits(calls_per_s=5.0, lease_count=5)
"""Spotify names no number; apps in development mode are told to come back from about here on."""
SEARCH_LIMIT = 10
PAGE_LIMIT = 50
ITEMS_LIMIT = 100
_OPERATORS = re.compile(r'["*:()]|\b(?:AND|OR|NOT)\b')


def judge_spotify(call: Call, reply: Reply, now_s: float) -> None:
    """Judge an answer, an error inside HTTP 200 too.

    Raises:
        SourceBusy: Too many calls; the time to come back is the header's, to the second.
        SourceRefused: ``expired`` for a token that has run out; ``forbidden``, ``unknown`` or ``invalid``.
        SourceFailed: It may pass; no JSON is such a failure.
    """
    judge_status(call, reply, now_s)
    if not reply.body and call.method != "GET":
        return
    value = reply.json()
    error = value.get("error") if isinstance(value, dict) else None
    status = error.get("status") if isinstance(error, dict) else None
    if isinstance(status, int):
        judge_status(call, Reply(status, reply.headers, reply.body), now_s)


class Tokens(Protocol):
    """Brings the token that a call shows."""

    def token(self) -> str:
        """Return one that should be good still."""

    def renew(self) -> str:
        """Return a new one: the last was refused.

        Raises:
            SourceRefused: There will be none.
        """


class GrantedTokens:
    """Tokens of grants that are got when they are needed, and kept as long as they last.

    Args:
        grant: Gets one.
        now_s: The time, in Unix seconds.
    """

    def __init__(self, grant: Callable[[], Grant], now_s: Callable[[], float]) -> None:
        self._grant = grant
        self._now_s = now_s
        self._held: Grant | None = None

    def token(self) -> str:
        """Return the token in use."""
        if self._held is None or self._now_s() >= self._held.ends_at_s:
            return self.renew()
        return self._held.access_token

    def renew(self) -> str:
        """Get a new one."""
        self._held = self._grant()
        return self._held.access_token


class Authorised:
    """A sender that shows a token, and gets a new one when it ran out in the middle of a run.

    Args:
        inner: Who asks.
        tokens: Where tokens come from.
    """

    def __init__(self, inner: Sender, tokens: Tokens) -> None:
        self._inner = inner
        self._tokens = tokens

    def send(self, call: Call) -> Reply:
        """Ask; see `Sender.send`."""
        try:
            return self._inner.send(_showing(call, self._tokens.token()))
        except SourceRefused as error:
            if error.reason != "expired":
                raise
        return self._inner.send(_showing(call, self._tokens.renew()))


def _showing(call: Call, token: str) -> Call:
    headers = {**call.headers, "authorization": f"Bearer {token}"}
    return Call(call.name, call.path, call.method, call.params, headers, call.form, call.json)


class Counted:
    """A sender with a budget of calls for one run.

    Args:
        inner: Who asks.
        calls_count: Calls that are left.
    """

    def __init__(self, inner: Sender, calls_count: int) -> None:
        self._inner = inner
        self.left_count = calls_count

    def send(self, call: Call) -> Reply:
        """Ask; see `Sender.send`.

        Raises:
            SourceBusy: Also when the budget is spent.
        """
        if self.left_count <= 0:
            raise SourceBusy("the calls that one run may make are spent", 0.0)
        self.left_count -= 1
        return self._inner.send(call)


class Spotify:
    """The API's endpoints.

    Args:
        sender: Carries calls to `ADDRESS` with a token; its judge is `judge_spotify`.
        writer: The same, but it asks only once: what was added twice is there twice. None if nothing is
            written.
    """

    def __init__(self, sender: Sender, writer: Sender | None = None) -> None:
        self._sender = sender
        self._writer = writer or sender
        self._items = "items"

    def search_tracks(self, query: str) -> Reply:
        """Search for tracks; at most `SEARCH_LIMIT` come back."""
        params = {"q": query, "type": "track", "limit": str(SEARCH_LIMIT)}
        return self._sender.send(Call("search", "/v1/search", params=params))

    def artist(self, artist_id: str) -> Reply:
        """Get an artist and their genres; several at once can't be got any more."""
        return self._sender.send(Call("artist", f"/v1/artists/{artist_id}"))

    def audio_features(self, spotify_id: str) -> Reply:
        """Get a track's audio features; forbidden to apps since November 2024, but for old ones."""
        return self._sender.send(Call("audio-features", f"/v1/audio-features/{spotify_id}"))

    def top_tracks(self, offset: int) -> Reply:
        """Get a page of what a listener heard most in about half a year."""
        return self._page("top-tracks", "/v1/me/top/tracks", offset, {"time_range": "medium_term"})

    def playlists(self, offset: int) -> Reply:
        """Get a page of a listener's playlists, their own and saved ones."""
        return self._page("playlists", "/v1/me/playlists", offset, {})

    def _page(self, name: str, path: str, offset: int, params: dict[str, str]) -> Reply:
        params |= {"limit": str(PAGE_LIMIT), "offset": str(offset)}
        return self._sender.send(Call(name, path, params=params))

    def playlist_items(self, playlist_id: str, offset: int) -> Reply:
        """Get a page of what is on a playlist, by the new path or, where it is unknown, the old one."""
        params = {"limit": str(ITEMS_LIMIT), "offset": str(offset)}
        return self._items_call(self._sender, Call("playlist-items", playlist_id, params=params))

    def add_items(self, playlist_id: str, uris: Sequence[str]) -> None:
        """Add at most `ITEMS_LIMIT` tracks to a playlist, at its end."""
        self._items_call(self._writer, Call("playlist-add", playlist_id, "POST", json={"uris": list(uris)}))

    def _items_call(self, sender: Sender, call: Call) -> Reply:
        try:
            return sender.send(self._placed(call))
        except SourceRefused as error:
            if error.reason != "unknown" or self._items != "items":
                raise
            self._items = "tracks"
        try:
            return sender.send(self._placed(call))
        except SourceRefused:
            self._items = "items"  # it was the playlist that is unknown
            raise

    def _placed(self, call: Call) -> Call:
        path = f"/v1/playlists/{call.path}/{self._items}"
        return Call(call.name, path, call.method, call.params, call.headers, call.form, call.json)


def query_of(artist: str, title: str) -> str:
    """Write the query of a track by its fields, without what would be read as an operator."""
    return f'track:"{_plain(title)}" artist:"{_plain(artist)}"'


def loose_query_of(artist: str, title: str) -> str:
    """Write the query of a track by its words, for names that fields don't find."""
    return f"{_plain(artist)} {_plain(title)}"


def _plain(text: str) -> str:
    return " ".join(_OPERATORS.sub(" ", text).split())
