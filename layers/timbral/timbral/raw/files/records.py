"""Rows of delimited text: fast where a block is clean, careful line by line where it isn't."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from timbral.raw.files.blocks import Block, Bytes, LineFault, blocks
from timbral.raw.files.careful import Careful
from timbral.raw.files.layout import split_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from timbral.raw.files.layout import Layout


@dataclass(frozen=True)
class Records:
    """Rows of one block.

    Attributes:
        columns: The wanted columns as text, ``(n_rows,)`` each.
        lines: ``(n_rows,)`` line number of each row.
        faults: Lines that are no rows.
        repairs: What was mended, and how often.
        text_of: Gives the text of a line.
    """

    columns: pa.Table
    lines: np.ndarray
    faults: list[LineFault]
    text_of: Callable[[int], str]
    repairs: Counter[str] = field(default_factory=Counter)


def read_records(stream: Bytes, layout: Layout, wanted: Mapping[str, int]) -> Iterator[Records]:
    """Read rows in bounded memory; a row that can't be read never takes others with it.

    Args:
        stream: The file.
        layout: How its rows are written.
        wanted: ``{name: position}`` of the columns to return.
    """
    reader = _Reader(blocks(stream), layout, wanted)
    while (records := reader.next_records()) is not None:
        yield records


class _Reader:
    def __init__(self, source: Iterator[Block], layout: Layout, wanted: Mapping[str, int]) -> None:
        self._source = source
        self._layout = layout
        self._wanted = wanted

    def next_records(self) -> Records | None:
        block = self._next_block()
        if block is None:
            return None
        repairs: Counter[str] = Counter()
        data = block.data
        if b"\0" in data:
            repairs["NUL characters removed"] += data.count(b"\0")
            data = data.replace(b"\0", b"")
        block = Block(block.first_line, self._layout.stand_in(data), block.faults)
        if (columns := self._quick(block)) is not None:
            lines = np.arange(block.first_line, block.first_line + columns.num_rows)
            return Records(columns, lines, block.faults, block.text_of, repairs)
        return self._careful(block, repairs)

    def _next_block(self) -> Block | None:
        block = next(self._source, None)
        if block is not None and block.first_line <= self._layout.header_lines and not block.faults:
            skipped = min(self._layout.header_lines, block.lines_count)
            rest = block.data.split(b"\n", skipped)[skipped:]
            return Block(block.first_line + skipped, rest[0] if rest else b"")
        return block

    def _quick(self, block: Block) -> pa.Table | None:
        # A carriage return alone ends a row for Arrow, and for nobody else.
        if block.faults or not block.data or block.data.count(b"\r") != block.data.count(b"\r\n"):
            return None
        names = [str(position) for position in range(self._layout.width)]
        wanted = [names[position] for position in self._wanted.values()]
        try:
            found = pa_csv.read_csv(
                pa.BufferReader(block.data),
                pa_csv.ReadOptions(use_threads=False, block_size=len(block.data) + 1, column_names=names),
                pa_csv.ParseOptions(
                    delimiter=self._layout.separator,
                    quote_char='"' if self._layout.is_quoted else False,
                    newlines_in_values=self._layout.is_quoted,
                ),
                pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    include_columns=wanted,
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid:
            return None
        # Fewer rows than lines: a quote swallowed some, or some are empty. Look closer.
        if found.num_rows != block.lines_count or not self._is_closed(block):
            return None
        return found.rename_columns(list(self._wanted)).combine_chunks()

    def _is_closed(self, block: Block) -> bool:
        """Say whether the last line leaves no quote open, which Arrow would let pass."""
        last = block.text_at_end()
        try:
            split_record(last, self._layout, strict=True)
        except csv.Error:
            return False
        return True

    def _careful(self, block: Block, repairs: Counter[str]) -> Records:
        careful = Careful(block, self._layout, self._next_block, repairs)
        rows, lines, faults = careful.read()
        columns = {
            name: pa.array([row[position] for row in rows], pa.string())
            for name, position in self._wanted.items()
        }
        return Records(pa.table(columns), np.array(lines, np.int64), faults, careful.text_of, repairs)
