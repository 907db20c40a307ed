"""The track list of an album's page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from timbral.raw.aoty.page_text import number_in, score_in, text_of

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_LENGTH = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})")


def read_tracks(page: LexborHTMLParser) -> list[dict[str, Any]]:
    """Read the tracks of all discs, in order.

    Returns:
        Each with ``disc``, ``number``, ``title``, ``guests``, ``duration_ms``, ``score`` and
        ``ratings_count``, as ``album.schema.json`` has them.
    """
    tracks: list[dict[str, Any]] = []
    disc = 1
    for node in page.css(".trackList .discNumber, .trackList tr, .trackList ol > li"):
        if "discNumber" in (node.attributes.get("class") or ""):
            disc = _last_number(text_of(node)) or disc
            continue
        track = _track(node, disc, len(tracks) + 1)
        if track["title"]:
            tracks.append(track)
    return tracks


def _track(node: LexborNode, disc: int, place: int) -> dict[str, Any]:
    cell = node.css_first(".trackTitle") or node
    link = cell.css_first("a")
    rating = node.css_first(".trackRating span")
    return {
        "disc": disc,
        "number": number_in(text_of(node.css_first(".trackNumber"))) or place,
        "title": text_of(link) or " ".join(cell.text(deep=False).split()),
        "guests": [text_of(guest) for guest in cell.css(".featuredArtists a")],
        "duration_ms": duration_ms(text_of(cell.css_first(".length"))),
        "score": score_in(text_of(rating)),
        "ratings_count": number_in((rating.attributes.get("title") or "") if rating else ""),
    }


def duration_ms(text: str) -> int | None:
    """Read a length such as ``3:19`` or ``1:02:03``, in milliseconds; None if it is none or nothing."""
    match = _LENGTH.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1_000 or None


def _last_number(text: str) -> int | None:
    found = re.findall(r"\d+", text)
    return int(found[-1]) if found else None
