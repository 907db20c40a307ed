"""Albums with their ratings, and reviews of them, in tables or JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from timbral.digests import digest_json
from timbral.raw.cells import first_number, integers, numbers_of, optional_text
from timbral.raw.formats.catalogue import Catalogue, as_cell, field_of
from timbral.raw.formats.format import Cells, CellsOrigin
from timbral.raw.formats.names import ALBUM_NAMES, REVIEW_NAMES
from timbral.raw.formats.tracks import chunk_of, column_of, items_of, list_of, stamp
from timbral.tables.raw import ALBUM_REVIEWS_AOTY, ALBUMS_AOTY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from timbral.raw.chunk import Chunk
    from timbral.raw.files.objects import Objects
    from timbral.tables.check import Fault

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_ISO = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?(?:[T ].*)?")
_SPELLED = re.compile(r"([A-Za-z]{3})[a-z]*\.?\s+(?:(\d{1,2})(?:st|nd|rd|th)?,?\s+)?(\d{4})")
_DAY_FIRST = re.compile(r"(\d{1,2})\s+([A-Za-z]{3})[a-z]*\.?,?\s+(\d{4})")
ALBUM_NUMBER = re.compile(r"/album/(\d+)")
_WEIGHT = re.compile(r"[1-9]\d{0,3}")
_LATEST_MONTH, _LATEST_DAY = 12, 31
_REVIEW_LISTS = {"reviews": None, "critic_reviews": True, "user_reviews": False}
_REVIEW_FIELDS = tuple(REVIEW_NAMES)
_CRITIC_WORDS = {"critic": True, "true": True, "1": True, "user": False, "false": False, "0": False}


def release_date(text: str) -> str | None:
    """Write a release date in ISO 8601, as exactly as it is known.

    Args:
        text: As in ``March 15, 2015``, ``15 March 2015``, ``July 1963``, ``1965`` or ISO 8601.

    Returns:
        ``2015-03-15``, ``1963-07`` or ``1965``; None if it is no date.
    """
    text = text.strip()
    if match := _ISO.fullmatch(text):
        year, month, day = match.groups()
    elif match := _SPELLED.fullmatch(text):
        year, month, day = match[3], str(_MONTHS.get(match[1].lower(), "")), match[2]
    elif match := _DAY_FIRST.fullmatch(text):
        year, month, day = match[3], str(_MONTHS.get(match[2].lower(), "")), match[1]
    else:
        return None
    if not month or not 1 <= int(month) <= _LATEST_MONTH:
        return year
    if not day or not 1 <= int(day) <= _LATEST_DAY:
        return f"{year}-{int(month):02d}"
    return f"{year}-{int(month):02d}-{int(day):02d}"


def _albums(cells: Cells, source: str) -> Chunk:
    faults: list[Fault] = []
    urls = optional_text(column_of(cells, "url"))
    dates = _dates(cells)
    genres = items_of(column_of(cells, "genres"))
    rows = {
        "artist": column_of(cells, "artist"),
        "title": column_of(cells, "title"),
        "aoty_id": pc.coalesce(optional_text(column_of(cells, "aoty_id")), _numbers_in(urls)),
        "released_on": dates,
        "year": pc.cast(pc.utf8_slice_codeunits(dates, 0, 4), pa.int64()),
        "genres": genres,
        "genre_weights": _weights(column_of(cells, "genre_weights"), genres),
        "tags": list_of(column_of(cells, "tags")),
        "tracks": list_of(column_of(cells, "tracks")),
        "description": optional_text(column_of(cells, "description")),
        "label": optional_text(column_of(cells, "label")),
        "url": urls,
    }
    for name in ("critic_score", "user_score"):
        rows[name], wrong = numbers_of(column_of(cells, name), name)
        faults += wrong
    for name in ("critic_reviews_count", "user_ratings_count"):
        rows[name] = pa.array(map(first_number, column_of(cells, name).to_pylist()), pa.int64())
    observed, wrong = integers(column_of(cells, "observed_at_uts"), "observed_at_uts")
    table = pa.table(rows | stamp(source, cells.columns.num_rows, observed))
    return chunk_of(cells, [(ALBUMS_AOTY, table)], faults + wrong)


def _weights(cells: pa.Array, genres: pa.Array) -> pa.Array:
    """Read whole numbers of at least 1, one a genre; a list that is anything else says nothing."""
    pairs = zip(list_of(cells).to_pylist(), genres.to_pylist(), strict=True)
    lists = [
        [int(item) for item in items]
        if items and len(items) == len(of or ()) and all(map(_WEIGHT.fullmatch, items))
        else None
        for items, of in pairs
    ]
    return pa.array(lists, pa.list_(pa.int64()))


def _dates(cells: Cells) -> pa.Array:
    parts = [column_of(cells, name).to_pylist() for name in ("released_on", "month", "day", "year")]
    dates = []
    for whole, month, day, year in zip(*parts, strict=True):
        spelled = " ".join(part for part in (month, f"{day}," if (day or "").isdigit() else "", year) if part)
        dates.append(release_date(whole or "") or release_date(spelled) or release_date(year or ""))
    return pa.array(dates, pa.string())


def _numbers_in(urls: pa.Array) -> pa.Array:
    found = [ALBUM_NUMBER.search(url or "") for url in urls.to_pylist()]
    return pa.array([match[1] if match else None for match in found], pa.string())


def _reviews(cells: Cells, source: str) -> Chunk:
    scores, faults = numbers_of(column_of(cells, "score"), "score")
    observed, wrong = integers(column_of(cells, "observed_at_uts"), "observed_at_uts")
    plain = {name: column_of(cells, name) for name in ("artist", "title", "text")}
    reviewers = optional_text(column_of(cells, "reviewer"))
    ids = _review_ids(column_of(cells, "review_id"), *plain.values(), reviewers)
    critics = [
        _CRITIC_WORDS.get((cell or "").strip().lower()) for cell in column_of(cells, "is_critic").to_pylist()
    ]
    rows = {
        **plain,
        "review_id": ids,
        "reviewer": reviewers,
        "is_critic": pa.array(critics, pa.bool_()),
        "score": scores,
        **stamp(source, cells.columns.num_rows, observed),
    }
    return chunk_of(cells, [(ALBUM_REVIEWS_AOTY, pa.table(rows))], faults + wrong)


def _review_ids(given: pa.Array, *content: pa.Array) -> pa.Array:
    columns = [column.to_pylist() for column in (given, *content)]
    return pa.array([own or digest_json(rest) for own, *rest in zip(*columns, strict=True)], pa.string())


def _reviews_within(found: Objects, source: str) -> Chunk:
    """Take the reviews that stand within albums; an album's own line stands for its reviews'."""
    rows = [
        (line, review)
        for value, line in zip(found.objects, found.lines, strict=True)
        for review in _reviews_of(value)
    ]
    columns = pa.table(
        {name: pa.array([review[name] for _, review in rows], pa.string()) for name in _REVIEW_FIELDS}
    )
    lines = [line for line, _ in rows]
    return _reviews(Cells(columns, CellsOrigin(columns, lines), [], {}), source)


def _reviews_of(album: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    artist = as_cell(field_of(album, ALBUM_NAMES["artist"]))
    title = as_cell(field_of(album, ALBUM_NAMES["title"]))
    for name, is_critic in _REVIEW_LISTS.items():
        items = album.get(name)
        for item in items if isinstance(items, list) else ():
            review = item if isinstance(item, dict) else {"text": item}
            fields = {ours: as_cell(field_of(review, theirs)) for ours, theirs in REVIEW_NAMES.items()}
            fields |= {"artist": artist, "title": title}
            if is_critic is not None:
                fields["is_critic"] = str(is_critic)
            yield fields


ALBUMS = Catalogue(
    "albums with ratings",
    "albums",
    ALBUM_NAMES,
    ("artist", "title"),
    ("released_on", "month", "genres", "description", "critic_score", "user_score"),
    1,
    frozenset(
        (
            "track",
            "track_name",
            "name",
            "uts",
            "utc_time",
            "timestamp",
            "tag",
            "text",
            "reviewer",
            "review_text",
        )
    ),
    _albums,
    more=_reviews_within,
    dialect=lambda found: "list" if "released_on" in found else "ratings",
)
REVIEWS = Catalogue(
    "reviews of albums",
    "reviews",
    REVIEW_NAMES,
    ("artist", "title", "text"),
    ("reviewer", "score"),
    1,
    frozenset(("track", "reviews", "critic_score", "user_score")),
    _reviews,
)
