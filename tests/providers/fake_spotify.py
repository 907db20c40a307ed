"""Spotify's stand-in: accounts and API, in the shape of 2026 or the older one."""

import re
from urllib.parse import unquote

from tests.providers.fake_server import Said

MOST_FOUND = 10


def track(number, artist, title, **more):
    """A track as the API writes it."""
    return {
        "type": "track",
        "id": f"{number:022d}",
        "name": title,
        "artists": [{"id": f"artist-{artist}", "name": artist, "type": "artist"}],
        "album": {
            "name": f"Album of {artist}",
            "release_date": "2001-05-06",
            "release_date_precision": "day",
        },
        "duration_ms": 180_000 + number,
        "is_local": False,
        "field_that_nobody_knows": {"deep": [1]},
        **more,
    }


class FakeSpotify:
    """Spotify as one app and one listener see it.

    Attributes:
        added: What was added to each playlist, batch by batch.
    """

    def __init__(
        self, tracks, *, is_new=True, features_status=200, top=(), playlists=None, token_calls=10**9
    ):
        self.tracks = list(tracks)
        self.is_new = is_new
        self.features_status = features_status
        self.top = list(top)
        self.playlists = dict(playlists or {})
        self.added = []
        self.token_calls = token_calls
        self.left = 0
        self.tokens_count = 0
        self.refresh_tokens = {"refresh-1"}
        self.codes = {"code-1"}

    def __call__(self, asked):
        if asked.path == "/api/token":
            return self._token(asked)
        if asked.headers.get("authorization") != f"Bearer token-{self.tokens_count}" or self.left <= 0:
            return error(401, "The access token expired")
        self.left -= 1
        path = unquote(asked.path)
        for pattern, answer in self._routes():
            if found := re.fullmatch(pattern, path):
                return answer(asked, *found.groups())
        return error(404, "Service not found")

    def _routes(self):
        items = "items" if self.is_new else "tracks"
        return [
            ("/v1/search", self._search),
            ("/v1/artists/(.+)", self._artist),
            ("/v1/audio-features/(.+)", self._features),
            ("/v1/me/top/tracks", lambda asked: self._page(asked, self.top)),
            ("/v1/me/playlists", self._playlists),
            (f"/v1/playlists/([^/]+)/{items}", self._items),
        ]

    def _token(self, asked):
        form = asked.params
        good = {
            "client_credentials": True,
            "refresh_token": form.get("refresh_token") in self.refresh_tokens,
            "authorization_code": form.get("code") in self.codes,
        }
        if not good.get(form.get("grant_type")):
            return Said({"error": "invalid_grant", "error_description": "Refresh token revoked"}, 400)
        self.tokens_count += 1
        self.left = self.token_calls
        granted = {"access_token": f"token-{self.tokens_count}", "token_type": "Bearer", "expires_in": 3_600}
        return Said(granted | ({"refresh_token": "refresh-1"} if "code" in form else {}))

    def _search(self, asked):
        words = set(re.findall(r"\w+", re.sub(r"\b(?:track|artist):", " ", asked.params["q"]).lower()))
        if int(asked.params["limit"]) > MOST_FOUND:
            return error(400, "Invalid limit")
        scored = [(len(words & names(one)), -place, one) for place, one in enumerate(self.tracks)]
        found = [one for score, _, one in sorted(scored, key=lambda it: it[:2], reverse=True) if score]
        return Said({"tracks": {"items": found[:MOST_FOUND], "total": len(found), "next": None}})

    def _artist(self, _asked, name):
        return Said({"id": name, "name": name.removeprefix("artist-"), "genres": ["dream pop", "slowcore"]})

    def _features(self, _asked, spotify_id):
        if self.features_status != 200:
            return error(self.features_status, "Forbidden")
        return Said(
            {"id": spotify_id, "energy": 0.25, "valence": 0.5, "tempo": 120.5, "loudness": -8, "key": 4}
        )

    def _page(self, asked, items):
        offset, limit = int(asked.params["offset"]), int(asked.params["limit"])
        following = "more" if offset + limit < len(items) else None
        return Said({"items": items[offset : offset + limit], "total": len(items), "next": following})

    def _playlists(self, asked):
        return self._page(
            asked,
            [
                {"id": name, "name": f"List {name}", "snapshot_id": f"{name}-{len(known)}"}
                for name, known in self.playlists.items()
            ],
        )

    def _items(self, asked, name):
        if name not in self.playlists:
            return error(404, "Resource not found")
        if asked.method == "POST":
            uris = asked.json()["uris"]
            self.added.append(uris)
            known = {one["id"]: one for one in self.tracks}
            self.playlists[name] += [known[uri.rsplit(":", 1)[1]] for uri in uris]
            return Said({"snapshot_id": "s"}, 201)
        field = "item" if self.is_new else "track"
        return self._page(
            asked, [{"added_at": "2026-01-01T00:00:00Z", field: one} for one in self.playlists[name]]
        )


def names(one):
    """Words of a track's names."""
    return set(re.findall(r"\w+", f"{one['name']} {one['artists'][0]['name']}".lower()))


def error(status, message):
    """An error as the API writes it."""
    return Said({"error": {"status": status, "message": message}}, status)
