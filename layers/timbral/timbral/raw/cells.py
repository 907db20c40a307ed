"""Columns of text cells turned into columns of values, with the cells that can't be."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from timbral.tables.check import Fault

_MBID = r"(?P<id>[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})"
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_NO_VALUE = frozenset(("", "na", "nan", "null", "none", "n/a", "-", "\\n", "nr"))
_TRUE, _FALSE = frozenset(("true", "1", "yes")), frozenset(("false", "0", "no"))


def optional_text(cells: pa.Array) -> pa.Array:
    """Return cells with blank ones as null."""
    return pc.if_else(pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(cells)), 0), None, cells)


def mbids(cells: pa.Array) -> pa.Array:
    """Return the first MusicBrainz id of each cell, null where there is none: a wrong id costs no row."""
    if not pc.any(pc.not_equal(cells, "")).as_py():
        return pa.nulls(len(cells), pa.string())
    return pc.struct_field(pc.extract_regex(cells, _MBID), "id")


def integers(cells: pa.Array, column: str) -> tuple[pa.Array, list[Fault]]:
    """Read whole numbers.

    Returns:
        ``(n,)`` numbers, null where the cell is empty or wrong, and the wrong ones.
    """
    try:
        return pc.cast(pc.if_else(pc.equal(cells, ""), None, cells), pa.int64()), []
    except pa.ArrowInvalid:
        numbers, faults = numbers_of(cells, column)
    rounded = [
        None if value is None or abs(value) >= 1 << 62 else round(value) for value in numbers.to_pylist()
    ]
    return pa.array(rounded, pa.int64()), faults


def numbers_of(cells: pa.Array, column: str) -> tuple[pa.Array, list[Fault]]:
    """Read numbers.

    Returns:
        ``(n,)`` numbers, null where the cell is empty or wrong, and the wrong ones.
    """
    try:
        quick = pc.cast(pc.if_else(pc.equal(cells, ""), None, cells), pa.float64())
        if not pc.any(pc.is_nan(quick)).as_py():
            return quick, []
    except pa.ArrowInvalid:
        pass  # some cells are no plain numbers: look at each
    values: list[float | None] = []
    wrong = np.zeros(len(cells), bool)
    for at, text in enumerate(cells.to_pylist()):
        stripped = (text or "").strip()
        is_number = _NUMBER.fullmatch(stripped) is not None
        values.append(float(stripped) if is_number else None)
        wrong[at] = not is_number and stripped.lower() not in _NO_VALUE
    faults = [Fault(column, "is not a number", pa.array(wrong))] if wrong.any() else []
    return pa.array(values, pa.float64()), faults


def booleans(cells: pa.Array) -> pa.Array:
    """Read yes and no; anything else is not known."""
    words = [(text or "").strip().lower() for text in cells.to_pylist()]
    return pa.array(
        [True if word in _TRUE else False if word in _FALSE else None for word in words], pa.bool_()
    )


def first_number(text: str | None) -> int | None:
    """Read the number that a text begins with, thousands separated or not, as in ``28,594 ratings``."""
    match = re.match(r"\s*(\d{1,3}(?:,\d{3})+|\d+)", text or "")
    return int(match[1].replace(",", "")) if match else None
