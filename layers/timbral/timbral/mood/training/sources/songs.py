"""A song of the Million Song Dataset, from whichever of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from timbral.mood.inputs import POPULARITY_STEPS
from timbral.mood.training.sources.facts import TrackFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from timbral.mood.training.sources.facts import FileFacts

FIELDS: Final = ("track_id", "title", "artist_name", "release", "duration", "artist_familiarity", "year")
_FIRST_YEAR, _LAST_YEAR = 1900, 2100


def read_song(found: FileFacts, row: Mapping[str, Any]) -> None:
    """Add a song to what a file says, or its fault to the bad ones.

    Args:
        found: What the file says.
        row: `FIELDS`: ``duration`` in seconds, ``artist_familiarity`` 0 to 1, ``year`` 0 where unknown.
    """
    artist, title = row["artist_name"], row["title"]
    if not (isinstance(artist, str) and artist.strip() and isinstance(title, str) and title.strip()):
        found.bad["artist_name or title is empty"] += 1
        return
    release, duration_s, year = row["release"], row["duration"], row["year"]
    has_length = isinstance(duration_s, int | float) and duration_s > 0
    is_year = isinstance(year, int) and _FIRST_YEAR <= year <= _LAST_YEAR
    found.tracks.append(
        TrackFacts(
            key=f"msd:{row['track_id']}",
            artist=artist,
            title=title,
            release=release if isinstance(release, str) else "",
            year=year if is_year else None,
            duration_ms=round(duration_s * 1000) if has_length else None,
            popularity=_popularity(row["artist_familiarity"]),
        )
    )


def _popularity(familiarity: Any) -> int:
    if not isinstance(familiarity, int | float):
        return 0
    return round(min(max(familiarity, 0.0), 1.0) * (POPULARITY_STEPS - 1))
