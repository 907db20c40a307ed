"""When something was played, in all the ways that exports write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

OK, EMPTY, WRONG, DAY_ONLY = range(4)
"""What a time cell is: a time, nothing, no time at all, or a day without the hour."""

_MONTHS = {
    month: number
    for number, month in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_DAY_FIRST = re.compile(
    r"(?:[a-z]{3},? )?(\d{1,2}) ([a-z]{3})[a-z]* (\d{4}),? "
    r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?(?:gmt|utc|z|\+00:?00))?"
)
_NUMBER = re.compile(r"[+-]?\d{1,19}(?:\.\d*)?(?:e\+?(?:0?\d|1\d))?", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2} [A-Za-z]{3,9} \d{4}")
_ZONE_WORD = re.compile(r" ?(?:utc|gmt)$", re.IGNORECASE)
_SHORT_OFFSET = re.compile(r"(\d) ([+-]\d\d:?\d\d)$")
_DIGITS = r"^[0-9]{1,18}$"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST_SECONDS = 100_000_000_000  # year 5138; anything above is a finer unit


@dataclass(frozen=True)
class Times:
    """A column of times.

    Attributes:
        uts: ``(n,)`` whole Unix seconds, 0 where there is no time.
        states: ``(n,)`` of `OK`, `EMPTY`, `WRONG` and `DAY_ONLY`.
    """

    uts: np.ndarray
    states: np.ndarray


def read_time(text: str) -> int | None:
    """Read one time: Unix seconds to nanoseconds, ISO 8601, or ``24 Jan 2023, 09:42``.

    A time without a zone is UTC.

    Returns:
        Unix seconds, or None if it is no time.
    """
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return _seconds(int(float(text)) if not text.lstrip("+-").isdigit() else int(text))
    if match := _DAY_FIRST.fullmatch(text.lower()):
        day, month, year, hour, minute, second = match.groups()
        try:
            moment = datetime(
                int(year),
                _MONTHS.get(month, 0),
                int(day),
                int(hour),
                int(minute),
                int(second or 0),
                tzinfo=UTC,
            )
        except ValueError:
            return None
        return int(moment.timestamp())
    try:
        moment = datetime.fromisoformat(_SHORT_OFFSET.sub(r"\1\2", _ZONE_WORD.sub("", text)))
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // (_EPOCH.resolution * 1_000_000)


def _seconds(number: int) -> int:
    while abs(number) >= _LARGEST_SECONDS:
        number //= 1_000
    return number


def read_times(texts: pa.Array) -> Times:
    """Read a column of times.

    Args:
        texts: ``(n,)`` cells; null and blank ones are empty.
    """
    uts, states = _digits(texts)
    for at in np.flatnonzero(states == WRONG):
        text = (texts[at].as_py() or "").strip()
        if not text:
            states[at] = EMPTY
        elif _DAY.fullmatch(text):
            states[at] = DAY_ONLY
        elif (seconds := read_time(text)) is not None:
            uts[at] = min(max(seconds, -(1 << 62)), 1 << 62)
            states[at] = OK
    return Times(uts, states)


def _digits(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Read the cells that are digits alone, all at once; the others are wrong so far, or empty."""
    empty = pc.equal(texts, "").fill_null(True)  # noqa: FBT003  pyarrow's own signature
    try:
        numbers = pc.cast(pc.if_else(empty, None, texts), pa.int64())
    except pa.ArrowInvalid:
        numbers = pc.cast(pc.if_else(pc.match_substring_regex(texts, _DIGITS), texts, None), pa.int64())
    unread = numbers.is_null().to_numpy(zero_copy_only=False)
    uts = numbers.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    while (large := np.abs(uts) >= _LARGEST_SECONDS).any():
        uts = np.where(large, uts // 1_000, uts)
    blank = empty.to_numpy(zero_copy_only=False)
    return uts, np.where(blank, EMPTY, np.where(unread, WRONG, OK)).astype(np.int8)
