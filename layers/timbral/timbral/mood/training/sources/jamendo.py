"""MTG-Jamendo's tables of tags: genres, instruments, and moods and themes, a part of a division each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from timbral.mood.training.sources.facts import FileFacts, TrackFacts, heaviest, part_of
from timbral.mood.training.sources.separated import lines_of
from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.mood.training.sources.facts import Part
    from timbral.raw.files.sources import Source

HEADER: Final = ("track_id", "artist_id", "album_id", "path", "duration", "tags")
_KINDS: Final = frozenset(("genre", "instrument", "mood/theme"))
_TAGS_FROM = len(HEADER) - 1
_WIDE: Final = {
    "upbeat": "energetic upbeat fast party groovy sport powerful",
    "chill": "relaxing calm meditative soft slow dream soundscape",
    "dark": "dark heavy deep dramatic",
    "happy": "happy fun funny positive uplifting summer hopeful",
    "sad": "sad melancholic emotional drama",
    "romantic": "love romantic sexy ballad",
}
MOOD_OF_THEME: Final = {theme: mood for mood in MOODS for theme in _WIDE[mood].split()}
"""Moods and themes grouped wide. Themes that name a use (film, corporate, christmas) name no mood."""


def read_jamendo(source: Source) -> FileFacts:
    """Read one table.

    A track has labels if one of its themes names a mood; then it has those moods and not the others.

    Args:
        source: Tab-separated, a header, then tags from the sixth field on, as ``genre---rock``.
    """
    found = FileFacts("MTG-Jamendo tags")
    part = part_of(source.name)
    for number, line in enumerate(lines_of(source)):
        if number:
            found.rows_count += 1
            _add(found, line.split("\t"), part)
    return found


def _add(found: FileFacts, fields: Sequence[str], part: Part) -> None:
    tagged = [tag.partition("---") for tag in fields[_TAGS_FROM:]]
    if len(fields) <= _TAGS_FROM or not fields[0] or not fields[1]:
        found.bad["has no track, artist or tag"] += 1
        return
    if any(kind not in _KINDS or not name for kind, _, name in tagged):
        found.bad["has a tag that is no genre, instrument, mood or theme"] += 1
        return
    themes = {MOOD_OF_THEME.get(name) for kind, _, name in tagged if kind == "mood/theme"} - {None}
    try:
        duration_ms = round(float(fields[4]) * 1000)
    except ValueError:
        found.bad["duration is not a number"] += 1
        return
    found.tracks.append(
        TrackFacts(
            key=f"jamendo:{fields[0]}",
            artist=f"jamendo {fields[1]}",
            duration_ms=duration_ms if duration_ms > 0 else None,
            genres=tuple(name for kind, _, name in tagged if kind == "genre"),
            tags=heaviest((name, 1.0) for kind, _, name in tagged if kind != "mood/theme"),
            labels={mood: float(mood in themes) for mood in MOODS} if themes else {},
            origin="judged" if themes else None,
            part=part,
        )
    )
