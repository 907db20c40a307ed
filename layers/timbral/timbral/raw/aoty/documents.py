"""Albums and reviews of a dump into rows: the same whether they come from a file, a stream or a page.

A document that breaks its schema is set aside with the field, the reason and the value; the reviews of such
an album are judged by themselves, and so are the others of its dump.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from timbral.raw.aoty.schemas import Kind, flaw_of, kind_of
from timbral.raw.files.objects import Objects
from timbral.raw.formats.albums import ALBUMS, REVIEWS
from timbral.raw.formats.catalogue import cells_of
from timbral.tables.check import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from timbral.raw.aoty.schemas import Flaw
    from timbral.raw.chunk import Chunk

SOURCE = "aoty"
_LAYOUTS = {"album": ALBUMS, "review": REVIEWS}


def chunks_of(found: Objects, observed_at_uts: int = 0) -> Iterator[Chunk]:
    """Turn documents into rows of ``albums_aoty`` and ``album_reviews_aoty``.

    Args:
        found: The documents, each with its line or offset.
        observed_at_uts: When they were true, for documents that don't say, in Unix seconds.

    Yields:
        A chunk of albums and one of reviews; either may be without rows.
    """
    albums, reviews = Objects(faults=found.faults, repairs=found.repairs), Objects()
    for document, line in zip(found.objects, found.lines, strict=True):
        dated = {**document, "observed_at_uts": document.get("observed_at_uts", observed_at_uts)}
        if kind_of(document) == "review":
            reviews.add(dated, line, "")
            continue
        albums.add(dated, line, "")
        for review in _reviews_within(dated):
            reviews.add(review, line, "")
    yield _chunk("album", albums)
    yield _chunk("review", reviews)


def _reviews_within(album: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    reviews = album.get("reviews")
    shared = {name: album[name] for name in ("artist", "title", "observed_at_uts") if name in album}
    for review in reviews if isinstance(reviews, list) else ():
        if isinstance(review, dict):
            yield shared | review | {name: shared[name] for name in ("artist", "title") if name in shared}


def _chunk(kind: Kind, found: Objects) -> Chunk:
    flaws = [flaw_of(kind, document) for document in found.objects]
    layout = _LAYOUTS[kind]
    plain = Objects([_plain(one) for one in found.objects], found.lines, found.faults, found.repairs)
    chunk = layout.build(cells_of(plain, layout.names), SOURCE)
    chunk.faults = [*_faults(flaws), *chunk.faults]
    return chunk


def _plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """Take lists of objects apart: genres into names and weights, tracks into titles."""
    genres, tracks = document.get("genres"), document.get("tracks")
    if not isinstance(genres, list) or not all(isinstance(genre, str | dict) for genre in genres):
        genres = []
    objects = [genre if isinstance(genre, dict) else {"name": genre} for genre in genres]
    has_weights = any("weight" in genre for genre in objects)
    return {
        **document,
        "genres": [genre.get("name") for genre in objects] or None,
        "genre_weights": [genre.get("weight", 1) for genre in objects] if has_weights else None,
        "tracks": _titles(tracks),
    }


def _titles(tracks: Any) -> list[Any]:
    tracks = tracks if isinstance(tracks, list) else []
    return [track.get("title") for track in tracks if isinstance(track, dict)]


def _faults(flaws: list[Flaw | None]) -> Iterator[Fault]:
    for kind in dict.fromkeys(flaw for flaw in flaws if flaw is not None):
        yield Fault(kind.field, kind.reason, pa.array([flaw == kind for flaw in flaws]))
