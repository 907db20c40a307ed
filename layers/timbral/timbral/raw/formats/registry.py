"""All layouts, and which of them a file has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from timbral.raw.formats.albums import ALBUMS, REVIEWS
from timbral.raw.formats.hetrec import HetRec
from timbral.raw.formats.lastfm_1k import LastfmOneK
from timbral.raw.formats.listen_json import LISTENBRAINZ, SPOTIFY_ACCOUNT, SPOTIFY_EXTENDED
from timbral.raw.formats.scrobble_log import ScrobbleLog, ScrobbleParquet
from timbral.raw.formats.taste_profile import TasteProfile
from timbral.raw.formats.tracks import AUDIO, MOOD_LABELS, TAGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.raw.files.head import Head
    from timbral.raw.formats.format import Format

FORMATS: tuple[Format, ...] = (
    LastfmOneK(),
    ScrobbleLog(),
    ScrobbleParquet(),
    HetRec(),
    TasteProfile(),
    SPOTIFY_ACCOUNT,
    SPOTIFY_EXTENDED,
    LISTENBRAINZ,
    TAGS,
    MOOD_LABELS,
    AUDIO,
    ALBUMS,
    REVIEWS,
)
_SHOWN_COLUMNS = 20


@dataclass(frozen=True)
class Bundle:
    """A file, its layout, and the files that go with it."""

    format: Format
    head: Head
    companions: tuple[Head, ...]


def recognise(heads: Sequence[Head], nearby: Sequence[Head] = ()) -> tuple[list[Bundle], dict[str, str]]:
    """Find the layout of each file.

    Args:
        heads: The files.
        nearby: Files that were not asked for, but may go with them.

    Returns:
        What can be read, in the order of names, and why each other file can't.
    """
    bundles, unknown, taken = [], {}, set()
    for head in heads:
        judged = [(sure, -at) for at, one in enumerate(FORMATS) if (sure := one.sniff(head)) is not None]
        if not judged:
            unknown[head.source.name] = explain(head)
            continue
        found = FORMATS[-max(judged)[1]]
        others = [it for it in (*heads, *nearby) if it is not head and it.source.folder == head.source.folder]
        companions = tuple(found.companions(head, others))
        taken |= {companion.source.name for companion in companions}
        bundles.append(Bundle(found, head, companions))
    return bundles, {name: why for name, why in unknown.items() if name not in taken}


def explain(head: Head) -> str:
    """Say why a file can't be read: what it is, and which layout comes nearest."""
    if head.kind == "empty":
        return "is empty"
    if head.kind == "binary":
        return (
            f"is neither text, JSON, Parquet, gzip nor zip: it begins with the bytes {head.begins.hex(' ')}"
        )
    if head.kind == "text":
        return "is text without columns: a CSV, TSV or JSON export is expected"
    columns = head.spelled if head.kind != "json" else sorted(head.object_fields)
    if not columns:
        return (
            "has no header that names its columns, and its values don't show which are time, artist and track"
            if head.kind == "table"
            else "is JSON without objects: a list of objects, or one a line, is expected"
        )
    shown = ", ".join(columns[:_SHOWN_COLUMNS]) + (", …" if len(columns) > _SHOWN_COLUMNS else "")
    name, lacking = nearest_layout(head)
    missing = ", ".join(lacking)
    return f"has the columns {shown}; the layout that comes nearest is {name!r}, which lacks {missing}"


def nearest_layout(head: Head) -> tuple[str, Sequence[str]]:
    """Return the layout of which a file lacks the smallest share, and what it lacks."""
    nothing = replace(head, columns=(), objects=())
    judged = [
        (len(lacks) / len(one.lacks(nothing)), at, lacks)
        for at, one in enumerate(FORMATS)
        if (lacks := one.lacks(head))
    ]
    _, at, lacks = min(judged, key=lambda it: it[:2])
    return FORMATS[at].name, lacks
