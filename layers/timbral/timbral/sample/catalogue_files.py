"""The catalogue's tags, albums and moods as files for the catalogue importers."""

from __future__ import annotations

import json
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any

from timbral.sample.exports import csv_text
from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from timbral.sample.catalogue import CatalogueTrack

_HEAVIEST_TAG = 100


def tags_csv(catalogue: Iterable[CatalogueTrack]) -> str:
    """Return artist, track, tag and count (Last.fm's weight, 100 for a track's heaviest)."""
    return csv_text(
        ("artist", "track", "tag", "count"),
        (
            (track.artist, track.title, tag, count)
            for track in catalogue
            for tag, count in weighted_tags(track)
        ),
    )


def weighted_tags(track: CatalogueTrack) -> Iterator[tuple[str, int]]:
    """Yield a track's genres and tags, each once and the main ones first, with weights falling from 100."""
    mixed = chain.from_iterable(zip_longest(track.genres, track.tags))
    for rank, tag in enumerate(dict.fromkeys(tag for tag in mixed if tag is not None)):
        yield tag, round(_HEAVIEST_TAG / (rank + 1) ** 0.6)


def albums_json(catalogue: Iterable[CatalogueTrack]) -> str:
    """Return a JSON list of albums: artist, title, release_date (a year), genres, description, tracks."""
    albums: dict[tuple[str, str], dict[str, Any]] = {}
    for track in catalogue:
        album = albums.setdefault(
            (track.artist, track.album),
            {
                "artist": track.artist,
                "title": track.album,
                "release_date": str(track.year),
                "genres": list(track.genres),
                "description": track.album_description,
                "tracks": [],
            },
        )
        album["tracks"].append(track.title)
    return json.dumps(list(albums.values()), ensure_ascii=False, indent=2) + "\n"


def moods_csv(catalogue: Iterable[CatalogueTrack]) -> str:
    """Return artist, track, energy, valence (0 to 1) and a column of 0 or 1 per mood."""
    return csv_text(
        ("artist", "track", "energy", "valence", *MOODS),
        (
            (
                track.artist,
                track.title,
                f"{track.energy:.2f}",
                f"{track.valence:.2f}",
                *(int(mood in track.moods) for mood in MOODS),
            )
            for track in catalogue
        ),
    )
