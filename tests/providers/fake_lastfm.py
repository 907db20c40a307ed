"""Last.fm as its documentation and recorded answers show it, over an account that can change meanwhile."""

import datetime as dt
import hashlib

from tests.providers.fake_server import Said

KEY, SECRET = "k" * 32, "invented-secret"
TOKEN, SESSION = "t" * 32, "invented-session"


def image():
    return [
        {"size": size, "#text": f"https://img.invalid/{size}.png"}
        for size in ("small", "medium", "large", "extralarge")
    ]


def scrobble(uts, artist, track, album="Album"):
    return {"uts": uts, "artist": artist, "track": track, "album": album}


def history(random, count, first_uts=1_600_000_000, last_uts=1_699_900_000):
    """Return plays at different seconds, newest first."""
    times = sorted(random.sample(range(first_uts, last_uts), count), reverse=True)
    return [
        scrobble(uts, f"Artist {random.randrange(9)}", f"Song {random.randrange(40)}", f"LP {uts % 3}")
        for uts in times
    ]


class FakeLastfm:
    """One account, and the service around it.

    Attributes:
        plays: Newest first; tests may change them between requests and in ``before_answer``.
        refusal: An error code for everything of the account, None for none.
        before_answer: Called with every request, before it is answered.
        wrong: Chooses how the answer to a request is wrong: ``duplicate_page``, ``reordered_page``,
            ``error_29``, ``error_8``, ``page_of_another``, or None.
    """

    def __init__(self, plays, user="rj"):
        self.plays = plays
        self.user = user
        self.refusal = None
        self.before_answer = lambda _asked: None
        self.wrong = lambda _asked: None
        self.is_playing_now = True
        self.tags = {}

    def __call__(self, asked):
        self.before_answer(asked)
        params = asked.params
        method = params.get("method", "")
        if params.get("api_key") != KEY:
            return self.error(10, "Invalid API key - You must be granted a valid key by last.fm", 403)
        wrong = self.wrong(asked)
        if wrong in {"error_29", "error_8"}:
            return self.error(int(wrong[-2:].strip("_")), "Rate limit exceeded, or a passing failure")
        if not method.startswith("user."):
            return self.others(method, params)
        if params.get("user", "").lower() != self.user:
            return self.error(6, "User not found", 404)
        if self.refusal and method == "user.getRecentTracks":
            return self.error(self.refusal, "Login: User required to be logged in", 403)
        return {
            "user.getRecentTracks": self.recent,
            "user.getTopTracks": self.top_tracks,
            "user.getTopArtists": self.top_artists,
        }[method](params, wrong)

    def others(self, method, params):
        if method == "auth.getSession":
            return self.session(params)
        if method == "library.getTracks":
            return self.error(3, "Invalid Method - No method with that name in this package", 400)
        return self.top_tags(params)

    @staticmethod
    def error(code, message, status=200):
        return Said({"message": message, "error": code}, status)

    def recent(self, params, wrong):
        first, end = int(params.get("from", 0)), int(params.get("to", 1 << 40))
        limit, page = int(params["limit"]), int(params["page"])
        if wrong == "duplicate_page" and page > 1:
            page -= 1
        inside = [play for play in self.plays if first < play["uts"] < end]
        rows = [self.row(play) for play in inside[(page - 1) * limit : page * limit]]
        if wrong == "reordered_page":
            rows.reverse()
        said = self.attributes(params, len(inside))
        if wrong == "page_of_another":
            said["page"] = str(int(params["page"]) + 1)
        if not inside:
            return Said({"recenttracks": {"#text": "\n", **said}})
        if self.is_playing_now and page == 1:
            now = self.row(self.plays[0]) | {"@attr": {"nowplaying": "true"}}
            del now["date"]
            rows.insert(0, now)
        return Said({"recenttracks": {"track": rows[0] if len(rows) == 1 else rows, "@attr": said}})

    @staticmethod
    def row(play):
        when = dt.datetime.fromtimestamp(play["uts"], dt.UTC).strftime("%d %b %Y, %H:%M")
        return {
            "artist": {"mbid": "", "#text": play["artist"]},
            "streamable": "0",
            "image": image(),
            "mbid": "",
            "album": {"mbid": "", "#text": play["album"]},
            "name": play["track"],
            "url": "https://www.last.fm/music/x",
            "date": {"uts": str(play["uts"]), "#text": when},
            "a_field_of_next_year": {"x": [1, None]},
        }

    def attributes(self, params, total):
        pages = -(-total // int(params["limit"]))
        return {
            "user": self.user,
            "totalPages": str(pages),
            "page": params["page"],
            "perPage": params["limit"],
            "total": str(total),
        }

    def counted(self, *names):
        counts = {}
        for play in self.plays:
            key = tuple(play[name] for name in names)
            counts[key] = counts.get(key, 0) + 1
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))

    def top_tracks(self, params, _wrong):
        found = self.counted("artist", "track")
        rows = [
            {
                "name": track,
                "playcount": str(count),
                "mbid": "",
                "artist": {"name": artist, "mbid": "", "url": ""},
                "@attr": {"rank": str(rank)},
                "image": image(),
            }
            for rank, ((artist, track), count) in enumerate(found, start=1)
        ]
        return Said({"toptracks": {"track": rows, "@attr": self.attributes(params, len(rows))}})

    def top_artists(self, params, _wrong):
        rows = [
            {"name": artist, "playcount": str(count), "mbid": "", "image": image()}
            for (artist,), count in self.counted("artist")
        ]
        return Said({"topartists": {"artist": rows, "@attr": self.attributes(params, len(rows))}})

    def top_tags(self, params):
        found = self.tags.get((params["artist"], params.get("track")))
        if found is None:
            return self.error(6, "Track not found")
        rows = [{"name": name, "count": count, "url": ""} for name, count in found.items()]
        return Said({"toptags": {"tag": rows[0] if len(rows) == 1 else rows, "@attr": {}}})

    @staticmethod
    def session(params):
        signed = {name: value for name, value in params.items() if name not in {"format", "api_sig"}}
        text = "".join(name + signed[name] for name in sorted(signed)) + SECRET
        if params.get("api_sig") != hashlib.md5(text.encode(), usedforsecurity=False).hexdigest():
            return FakeLastfm.error(13, "Invalid method signature supplied", 403)
        if params.get("token") != TOKEN:
            return FakeLastfm.error(14, "Unauthorized Token - This token has not been authorized", 403)
        return Said({"session": {"subscriber": 0, "name": "rj", "key": SESSION}})
