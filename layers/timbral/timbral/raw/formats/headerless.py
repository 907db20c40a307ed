"""Columns of a scrobble log without a header, told apart by their values."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from timbral.raw.times import read_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MBID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_UNIX = re.compile(r"\d{9,13}")
_WHOLE = re.compile(r"\d+")
_AGREEING_SHARE = 0.9
_EARLIEST_UTS, _LATEST_UTS = 0, 4_102_444_800
# The orders that exporters use; the first is by far the commonest.
_ORDERS = (("artist", "album", "track"), ("track", "artist", "album"), ("artist", "track", "album"))
_FEW_ORDERS = {1: (), 2: (("artist", "track"),), 3: _ORDERS}


def inferred_positions(sample: Sequence[Sequence[str]]) -> dict[str, int]:
    """Find time, artist, album, track and their mbids by what the first rows hold.

    Times look like times and ids like ids. Of the texts, an artist has the fewest different values and
    a track the most, and neither is ever empty; the orders that exporters use decide the rest.

    Returns:
        ``{our name: position}``, empty if there is no time or there are not two or three texts.
    """
    if not sample:
        return {}
    columns = list(zip(*sample, strict=False))
    kinds = [_kind(column) for column in columns]
    times = [at for at, kind in enumerate(kinds) if kind in ("uts", "utc_time")]
    texts = [at for at, kind in enumerate(kinds) if kind == "text"]
    if not times or len(texts) not in (2, 3):
        return {}
    order = _order([columns[at] for at in texts])
    found = dict(zip(order, texts, strict=True))
    for at in times:
        found.setdefault(kinds[at], at)
    for name, at in list(found.items()):
        # An id stands behind the name that it is the id of.
        if name in order and at + 1 < len(kinds) and kinds[at + 1] == "mbid":
            found[f"{name}_mbid"] = at + 1
    return found


def _kind(column: Sequence[str]) -> str:
    filled = [cell.strip() for cell in column if cell.strip()]
    if not filled:
        return "empty"

    def most(test: Callable[[str], object]) -> bool:
        return sum(bool(test(cell)) for cell in filled) >= _AGREEING_SHARE * len(filled)

    if most(_MBID.fullmatch):
        return "mbid"
    if most(_UNIX.fullmatch):
        return "uts"
    if most(_WHOLE.fullmatch):
        return "number"
    if most(lambda cell: any(mark in cell for mark in ":-") and read_time(cell) is not None):
        return "utc_time"
    return "text"


def _order(texts: list[Sequence[str]]) -> Sequence[str]:
    def fits(order: Sequence[str]) -> int:
        column = dict(zip(order, texts, strict=True))
        variety = {name: len(set(cells)) for name, cells in column.items()}
        has_names = all(cell.strip() for name in ("artist", "track") for cell in column[name])
        ladder = [variety[name] for name in ("artist", "album", "track") if name in variety]
        return 10 * has_names + sum(low <= high for low, high in pairwise(ladder))

    return max(_FEW_ORDERS[len(texts)], key=fits)
