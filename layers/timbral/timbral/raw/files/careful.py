"""Rows of delimited text that is not clean, line by line."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from timbral.raw.files.blocks import Block, LineFault, decode_line
from timbral.raw.files.layout import Layout, split_record

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator

MOST_LINES_OF_A_ROW = 64


class Careful:
    """Reads a block line by line, taking more blocks only while a quote is open.

    Args:
        block: The lines.
        layout: How rows are written.
        more: Gives the next block.
        repairs: Told of what was mended.
    """

    def __init__(
        self, block: Block, layout: Layout, more: Callable[[], Block | None], repairs: Counter[str]
    ) -> None:
        self._first_line = block.first_line
        self._lines: list[str] = []
        self._layout = layout
        self._more = more
        self._repairs = repairs
        self._faults = list(block.faults)
        self._add(block)

    def _add(self, block: Block) -> None:
        lines = block.data.split(b"\n")
        if not lines[-1]:
            lines.pop()
        for line in lines:
            try:
                text = line.decode()
            except UnicodeDecodeError:
                text = decode_line(line)
                self._repairs["lines read as Windows-1252"] += 1
            self._lines.append(text)

    def text_of(self, line: int) -> str:
        """Return a line by its number."""
        return self._lines[line - self._first_line]

    def read(self) -> tuple[list[list[str]], list[int], list[LineFault]]:
        """Return rows, the line that each begins on, and lines that are no rows."""
        rows, numbers, at = [], [], 0
        while at < len(self._lines):
            if self._lines[at] in ("", "\r"):
                at += 1
                continue
            row, used = self._row(at)
            if row is None:
                self._fault(at)
            else:
                rows.append(row)
                numbers.append(self._first_line + at)
            at += used
        return rows, numbers, sorted(self._faults, key=lambda fault: fault.line)

    def _row(self, at: int) -> tuple[list[str] | None, int]:
        row, used = self._strict(at)
        if row is None and used < MOST_LINES_OF_A_ROW and at + used >= len(self._lines):
            while len(self._lines) - at < MOST_LINES_OF_A_ROW and (block := self._more()) is not None:
                self._faults += block.faults
                self._add(block)
            row, used = self._strict(at)
        if row is not None:
            return row, used
        row = self._fitting(self._lenient(at))
        if row is not None:
            self._repairs["wrong quotes read leniently"] += 1
        return row, 1

    def _strict(self, at: int) -> tuple[list[str] | None, int]:
        if not self._layout.is_quoted:
            return self._fitting(split_record(self._lines[at], self._layout, strict=True)), 1
        used = 0

        def lines() -> Iterator[str]:
            nonlocal used
            for line in self._lines[at : at + MOST_LINES_OF_A_ROW]:
                used += 1
                yield f"{line}\n"

        try:
            row = next(csv.reader(lines(), delimiter=self._layout.separator, strict=True))
        except csv.Error:
            return None, used
        return self._fitting(row), used

    def _lenient(self, at: int) -> list[str]:
        try:
            return split_record(self._lines[at], self._layout, strict=False)
        except csv.Error:
            return []

    def _fitting(self, row: list[str]) -> list[str] | None:
        width = self._layout.width
        return row[:width] if len(row) >= width and not any(row[width:]) else None

    def _fault(self, at: int) -> None:
        fields = self._lenient(at)
        try:
            split_record(self._lines[at], self._layout, strict=True)
            reason = f"has {len(fields)} fields, not {self._layout.width}"
        except csv.Error:
            reason = "opens a quote that is not closed where a field ends"
        self._faults.append(LineFault(self._first_line + at, reason, self._lines[at]))
