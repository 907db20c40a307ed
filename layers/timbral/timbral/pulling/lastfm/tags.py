"""Tags for tracks and artists that lack them, the most played first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from timbral.digests import digest_json
from timbral.errors import SourceRefused
from timbral.providers.lastfm import PROVIDER
from timbral.raw.answers.envelope import Asked
from timbral.raw.answers.lastfm_values import items
from timbral.tables.raw import TAG_VOTES_RAW, USER_SCROBBLES_RAW

if TYPE_CHECKING:
    from collections.abc import Callable

    from timbral.providers.calls import Clock
    from timbral.providers.lastfm import Lastfm
    from timbral.store.tables import Tables

_LACKING = """
WITH played AS (
    SELECT artist, track, count(*) AS plays_count FROM scrobbles GROUP BY artist, track
    UNION ALL
    SELECT artist, NULL, count(*) FROM scrobbles GROUP BY artist
)
SELECT artist, track FROM played
WHERE NOT EXISTS (
    SELECT 1 FROM votes WHERE votes.artist = played.artist AND votes.track IS NOT DISTINCT FROM played.track
)
ORDER BY plays_count DESC, artist, track NULLS FIRST
"""


def pull_tags(
    api: Lastfm, tables: Tables, clock: Clock, count: int, *, keep: Callable[[Asked, bytes], object]
) -> dict[str, int]:
    """Ask for tags of what is played most and has none.

    What Last.fm knows nothing of is remembered and not asked again.

    Args:
        api: Last.fm.
        tables: The store.
        clock: Time.
        count: Questions at most.
        keep: Keeps an answer, before anything is read from it.

    Returns:
        Questions ``asked``, answers with tags (``tagged``) and without (``untagged``).

    Raises:
        SourceBusy: Last.fm named a time to come back; what is stored stays so.
        SourceFailed: It kept failing.
        SourceRefused: Our key isn't accepted.
    """
    views = {
        "scrobbles": (USER_SCROBBLES_RAW, tables.current(USER_SCROBBLES_RAW)),
        "votes": (TAG_VOTES_RAW, tables.current(TAG_VOTES_RAW)),
    }
    with tables.engine(views) as engine:
        lacking = engine.sql(_LACKING).fetchall()
    done = {"asked": 0, "tagged": 0, "untagged": 0}
    for artist, track in lacking:
        if done["asked"] >= count:
            break
        mark = f"raw/providers/{PROVIDER}/untagged/{digest_json([artist, track])}.json"
        if tables.objects.exists(mark):
            continue
        done["asked"] += 1
        if _ask(api, keep, clock, artist, track):
            done["tagged"] += 1
        else:
            done["untagged"] += 1
            tables.objects.put(mark, orjson.dumps({"asked_at_uts": int(clock.now_s())}))
    return done


def _ask(
    api: Lastfm, keep: Callable[[Asked, bytes], object], clock: Clock, artist: str, track: str | None
) -> bool:
    try:
        reply = api.artist_tags(artist) if track is None else api.track_tags(artist, track)
    except SourceRefused as refused:
        if refused.reason != "unknown":
            raise
        return False
    kind = "artist.getTopTags" if track is None else "track.getTopTags"
    params = {"artist": artist} if track is None else {"artist": artist, "track": track}
    asked = Asked(PROVIDER, kind, int(clock.now_s()), params=params)
    keep(asked, reply.body)
    return bool(items(reply.json()["toptags"], "tag"))
