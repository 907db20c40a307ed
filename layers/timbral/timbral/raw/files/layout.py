"""How rows of delimited text are written, and one line taken apart."""

from __future__ import annotations

import csv
from dataclasses import dataclass

_STAND_IN = "\x1f"  # ASCII's unit separator stands in for separators of several characters


@dataclass(frozen=True)
class Layout:
    """How rows are written.

    Attributes:
        delimiter: What stands between fields.
        is_quoted: Whether fields may be in double quotes.
        width: Fields of a row.
        header_lines: Lines before the first row.
    """

    delimiter: str
    is_quoted: bool
    width: int
    header_lines: int

    @property
    def separator(self) -> str:
        """The one character that fields are split at, once `stand_in` has been called."""
        return self.delimiter if len(self.delimiter) == 1 else _STAND_IN

    def stand_in(self, data: bytes) -> bytes:
        """Put one character in place of a delimiter of several."""
        if len(self.delimiter) == 1:
            return data
        return data.replace(self.delimiter.encode(), _STAND_IN.encode())


def split_record(line: str, layout: Layout, *, strict: bool) -> list[str]:
    """Split one line into fields.

    Raises:
        csv.Error: Its quotes are wrong, and ``strict`` is set.
    """
    if not layout.is_quoted:
        return line.rstrip("\r\n").split(layout.separator)
    if not strict:
        line = line.rstrip("\r\n").replace("\r", " ")
    return next(csv.reader([line], delimiter=layout.separator, strict=strict), [])
