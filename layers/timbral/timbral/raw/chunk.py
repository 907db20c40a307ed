"""Rows on their way from a file to its tables, each still knowing where it came from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa

from timbral.store.quarantine import Reject, shorten
from timbral.tables.check import Fault, conform, faults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.raw.files.blocks import LineFault
    from timbral.tables.declaration import Table


class Origin(Protocol):
    """Where rows came from, asked only about rows that are refused."""

    def line(self, place: int) -> int:
        """Return the line of a row by its place in the block."""

    def text(self, place: int) -> str:
        """Return the row as the file has it."""

    def value(self, place: int, column: str) -> str | None:
        """Return the cell that one of our columns was read from, None if there is no such cell."""


@dataclass
class Chunk:
    """Some rows of a file, ready for their tables.

    Attributes:
        outputs: For each table its rows; all have the same rows in the same order.
        places: ``(n_rows,)`` the rows' places in their block.
        origin: The block.
        faults: Cells that could not be read, as masks of ``(n_rows,)``.
        line_faults: Lines that are no rows at all.
        left_out: Rows that are not meant to come in, by reason.
        is_tallied: Whether the rows' counts are to be summed over the whole file.
        voters: ``(n_rows,)`` what else tells tallied rows apart; a row that is the same in all is a
            duplicate. None if equal rows are plays of their own.
        untimed_count: Rows among them that have no time.
        early_count: Rows among them whose time is before there were scrobbles.
        repairs: What was mended, and how often.
    """

    outputs: Sequence[tuple[Table, pa.Table]]
    places: np.ndarray
    origin: Origin
    faults: list[Fault] = field(default_factory=list)
    line_faults: list[LineFault] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    is_tallied: bool = False
    voters: pa.Array | None = None
    untimed_count: int = 0
    early_count: int = 0
    repairs: Counter[str] = field(default_factory=Counter)

    @property
    def rows_count(self) -> int:
        """Rows that may go to the tables."""
        return len(self.places)

    @property
    def read_count(self) -> int:
        """Rows of the file that this chunk answers for."""
        return self.rows_count + len(self.line_faults) + sum(self.left_out.values())

    def only(self, kept: np.ndarray) -> Chunk:
        """Return the chunk with only some of its rows, and without what was already dealt with."""
        mask = pa.array(kept)
        return Chunk(
            [(table, rows.filter(mask)) for table, rows in self.outputs],
            self.places[kept],
            self.origin,
            is_tallied=self.is_tallied,
            voters=None if self.voters is None else self.voters.filter(mask),
        )


def sift(chunk: Chunk, name: str) -> tuple[Chunk, list[Reject]]:
    """Part rows that keep their tables' declarations from those that don't.

    Args:
        chunk: The rows, with all columns of their tables that are required.
        name: What the file is called.

    Returns:
        The good rows in the tables' own types, and why each other was refused (its first fault).
    """
    outputs = [(table, conform(table, rows)) for table, rows in chunk.outputs]
    found = chunk.faults + [fault for table, rows in outputs for fault in faults(table, rows)]
    rejects = [
        Reject(f"{name}:{fault.line}", "", fault.reason, "", shorten(fault.text))
        for fault in chunk.line_faults
    ]
    refused: dict[int, Reject] = {}
    for fault in found:
        for at in np.flatnonzero(np.asarray(fault.rows)):
            if at not in refused:
                refused[int(at)] = _reject(chunk, int(at), fault, name)
    chunk.outputs = outputs
    if refused:
        kept = np.ones(chunk.rows_count, bool)
        kept[list(refused)] = False
        chunk = chunk.only(kept)
    return chunk, rejects + [refused[at] for at in sorted(refused)]


def _reject(chunk: Chunk, at: int, fault: Fault, name: str) -> Reject:
    place = int(chunk.places[at])
    value = chunk.origin.value(place, fault.column)
    where = f"{name}:{chunk.origin.line(place)}"
    return Reject(where, fault.column, fault.reason, shorten(value or ""), shorten(chunk.origin.text(place)))
