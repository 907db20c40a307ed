"""What people say, in the layouts that can be imported: plays and tags of artists, tags, moods, albums."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from timbral.mood.inputs import scores_of
from timbral.mood.targets import TARGETS
from timbral.mood.training.examples import as_moods
from timbral.mood.training.listening import Plays
from timbral.mood.training.sources.facts import AlbumFacts, FileFacts, TrackFacts, heaviest
from timbral.raw.chunk import sift
from timbral.raw.formats.albums import ALBUMS
from timbral.raw.formats.format import Reading
from timbral.raw.formats.registry import recognise
from timbral.raw.formats.tracks import MOOD_LABELS, TAGS
from timbral.raw.interactions import read_plays
from timbral.tables.columns import LAST_UTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from timbral.raw.files.head import Head


_CATALOGUES: Final[dict[str, tuple[Any, str]]] = {
    "tags": (TAGS, "tags"),
    "moods": (MOOD_LABELS, "judged moods"),
    "albums": (ALBUMS, "genres and scores of albums"),
}


def read_hetrec(path: Path) -> FileFacts:
    """Read who played and who tagged which artist.

    Args:
        path: ``user_artists.dat``; the tables beside it are read too.

    Raises:
        InvalidInput: The table of artists is missing.
    """
    data = read_plays(path, item_key=_joined, now_uts=LAST_UTS)
    found = FileFacts("HetRec plays and tags of artists")
    found.rows_count = len(data.plays) + len(data.tag_votes) + sum(data.quarantined.values())
    found.bad.update(data.quarantined)
    votes: dict[str, list[tuple[str, float]]] = defaultdict(list)
    counts: dict[tuple[int, int], int] = defaultdict(int)
    for item, tag, count in zip(data.tag_items, data.tag_tags, data.tag_votes, strict=True):
        counts[int(item), int(tag)] += int(count)
    for (item, tag), count in counts.items():
        votes[data.item_ids[item]].append((data.tags[tag], float(count)))
    found.artist_tags = {artist: dict(heaviest(tags)) for artist, tags in votes.items()}
    found.plays = Plays(tuple(data.item_ids), data.listeners, data.items, data.plays.astype(np.float64))
    return found


def _joined(artist: str, title: str) -> str:
    return f"{artist}\x1f{title}"


def catalogue_kind(head: Head) -> str | None:
    """Say whether a file is a table of ``tags``, of judged ``moods`` or of ``albums``, else None."""
    bundles, _ = recognise([head])
    kinds = {name: kind for kind, (layout, _) in _CATALOGUES.items() for name in [layout.name]}
    return next((kinds[bundle.format.name] for bundle in bundles if bundle.format.name in kinds), None)


def read_catalogue(head: Head, kind: str) -> FileFacts:
    """Read a table of tags, of judged moods or of albums.

    Args:
        head: The file's beginning.
        kind: As `catalogue_kind` says.
    """
    layout, name = _CATALOGUES[kind]
    found = FileFacts(name)
    rows = _rows(head, found, layout)
    if kind == "tags":
        _add_tags(found, rows)
    elif kind == "albums":
        found.albums = [_album(row) for row in rows]
    else:
        found.tracks = [_judged(row) for row in rows]
    return found


def _rows(head: Head, found: FileFacts, layout: Any) -> Iterator[Mapping[str, Any]]:
    reading = Reading(None, LAST_UTS)
    try:
        for chunk in layout.read(head, reading):
            found.rows_count += chunk.read_count
            kept, rejects = sift(chunk, head.source.name)
            found.bad.update(reject.kind for reject in rejects)
            yield from kept.outputs[0][1].to_pylist()
    finally:
        reading.close()


def _add_tags(found: FileFacts, rows: Iterator[Mapping[str, Any]]) -> None:
    of_artist: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    of_track: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows:
        votes = of_artist[row["artist"]] if row["track"] is None else of_track[row["artist"], row["track"]]
        votes[row["tag"]] += row["votes_count"]
    found.artist_tags = {artist: dict(heaviest(votes.items())) for artist, votes in of_artist.items()}
    found.tracks = [
        TrackFacts("", artist=artist, title=title, tags=heaviest(votes.items()))
        for (artist, title), votes in of_track.items()
    ]


def _album(row: Mapping[str, Any]) -> AlbumFacts:
    genres = dict.fromkeys(genre.casefold() for genre in row["genres"] or ())
    return AlbumFacts(row["artist"], row["title"], tuple(genres), scores_of(row))


def _judged(row: Mapping[str, Any]) -> TrackFacts:
    labels = as_moods({target: row[target] for target in TARGETS})
    return TrackFacts("", artist=row["artist"], title=row["track"], labels=labels, origin="judged")
