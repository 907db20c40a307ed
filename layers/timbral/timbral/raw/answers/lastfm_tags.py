"""Last.fm's tags of tracks and artists: rows of ``tag_votes_raw``.

Source: https://www.last.fm/api/show/track.getTopTags, https://www.last.fm/api/show/artist.getTopTags
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.raw.answers.lastfm_values import items, text, whole
from timbral.raw.answers.reading import Landing, rows_of
from timbral.tables.raw import TAG_VOTES_RAW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.raw.answers.envelope import StoredAnswer
    from timbral.raw.answers.reading import Fetch

SOURCE = "lastfm"


def read_track_tags(answer: StoredAnswer, _fetch: Fetch) -> Sequence[Landing]:
    """Read ``track.getTopTags``; the names are those that were asked for, not Last.fm's corrections."""
    return [_read_tags(answer, answer.asked.params["track"])]


def read_artist_tags(answer: StoredAnswer, _fetch: Fetch) -> Sequence[Landing]:
    """Read ``artist.getTopTags``."""
    return [_read_tags(answer, None)]


def _read_tags(answer: StoredAnswer, track: str | None) -> Landing:
    block = answer.value.get("toptags") if isinstance(answer.value, dict) else None
    records = [
        {
            "artist": answer.asked.params["artist"],
            "track": track,
            "tag": text(item.get("name")),
            "votes_count": whole(item.get("count")),
            "source": SOURCE,
            "observed_at_uts": answer.asked.observed_at_uts,
        }
        for item in items(block, "tag")
        if whole(item.get("count")) != 0  # a weight below half a hundredth is no vote
    ]
    return Landing(TAG_VOTES_RAW, rows_of(TAG_VOTES_RAW, records))
