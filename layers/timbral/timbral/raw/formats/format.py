"""What a layout is: something that knows its files by their content and reads rows from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from timbral.raw.chunk import Chunk
    from timbral.raw.files.blocks import LineFault
    from timbral.raw.files.head import Head
    from timbral.raw.files.layout import Layout
    from timbral.raw.files.objects import Objects
    from timbral.raw.files.records import Records
    from timbral.raw.files.stream import Stream

SURE, LIKELY, POSSIBLE = 1.0, 0.7, 0.4
"""How sure a layout is of a file."""


@dataclass
class Reading:
    """One reading of one file and what goes with it.

    Attributes:
        listener: Who listened, for files that don't say.
        now_uts: The present, in Unix seconds; later plays are refused.
        companions: Files that belong to it.
    """

    listener: str | None
    now_uts: int
    companions: Sequence[Head] = ()
    _streams: list[Stream] = field(default_factory=list)

    def open(self, head: Head) -> Stream:
        """Open a file; it is closed with the reading."""
        stream = head.open()
        self._streams.append(stream)
        return stream

    @property
    def broken(self) -> str | None:
        """How a file broke off, if one did."""
        return next((stream.broken for stream in self._streams if stream.broken), None)

    def close(self) -> None:
        """Close all files."""
        for stream in self._streams:
            stream.close()


class Format(Protocol):
    """A layout that files have."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def source(self) -> str:
        """What rows from it have in their ``source`` column."""

    @property
    def has_companions(self) -> bool:
        """Whether files of the same folder may go with it."""

    def sniff(self, head: Head) -> float | None:
        """Say how surely a file has this layout, 0 to 1, or None if it hasn't."""

    def lacks(self, head: Head) -> Sequence[str]:
        """Name the columns that a file would need more to have this layout."""

    def companions(self, head: Head, others: Sequence[Head]) -> Sequence[Head]:
        """Pick the files of the same folder that must be read with it."""

    def listener(self, head: Head, given: str | None) -> str | None:
        """Say who listened where the rows don't, by what the caller gave and the file is called."""

    def read(self, head: Head, reading: Reading) -> Iterator[Chunk]:
        """Read the rows in bounded memory.

        Raises:
            InvalidInput: Something about the whole file is missing.
        """


class Nobodys:
    """A layout whose rows need no listener from outside."""

    def listener(self, head: Head, given: str | None) -> str | None:
        """Name nobody, whoever was given: the rows say it, or there is none."""
        del head, given
        return None


class Alone(Nobodys):
    """A layout of single files."""

    has_companions = False

    def companions(self, head: Head, others: Sequence[Head]) -> Sequence[Head]:
        """Pick no other files."""
        del head, others
        return ()


class RecordsOrigin:
    """Where rows of delimited text came from."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def line(self, place: int) -> int:
        """Return the line of a row."""
        return int(self._records.lines[place])

    def text(self, place: int) -> str:
        """Return the row's first line."""
        return self._records.text_of(self.line(place))

    def value(self, place: int, column: str) -> str | None:
        """Return the cell that a column was read from."""
        return cell_of(self._records.columns, place, column)


class CellsOrigin:
    """Where rows came from that are known by their number and their cells alone.

    Args:
        cells: ``(n_rows,)`` columns of text, by our names.
        lines: ``(n_rows,)`` number of each row or of the line that it begins on.
    """

    def __init__(self, cells: pa.Table, lines: Sequence[int]) -> None:
        self._cells = cells
        self._lines = lines

    def line(self, place: int) -> int:
        """Return the line of a row."""
        return int(self._lines[place])

    def text(self, place: int) -> str:
        """Return the cells that are taken, and no others: exports hold addresses too."""
        return repr({name: self._cells.column(name)[place].as_py() for name in self._cells.column_names})

    def value(self, place: int, column: str) -> str | None:
        """Return the cell that a column was read from."""
        return cell_of(self._cells, place, column)


_READ_FROM = {"scrobbled_at_uts": ("uts", "utc_time", "date"), "plays_count": ("plays_count", "weight")}


def cell_of(cells: pa.Table, place: int, column: str) -> str | None:
    """Return the cell that one of our columns was read from, None if the file has none."""
    for name in (column, *_READ_FROM.get(column, ())):
        if name in cells.column_names and (value := cells.column(name)[place].as_py()):
            return str(value)
    return None


@dataclass(frozen=True)
class Cells:
    """Rows of one block as columns of text.

    Attributes:
        columns: ``(n_rows,)`` each, by our names.
        origin: Where they came from.
        line_faults: Lines that are no rows.
        repairs: What was mended.
    """

    columns: pa.Table
    origin: RecordsOrigin | CellsOrigin
    line_faults: list[LineFault]
    repairs: dict[str, int]


def layout_of(head: Head) -> Layout:
    """Return the layout of a file that is known to be a table."""
    if head.layout is None:
        raise TypeError(f"{head.source.name} is no table")
    return head.layout


def of_records(records: Records) -> Cells:
    """Take a block of delimited text."""
    return Cells(records.columns, RecordsOrigin(records), records.faults, dict(records.repairs))


def of_objects(found: Objects, columns: pa.Table) -> Cells:
    """Take a block of JSON objects whose fields were picked."""
    return Cells(columns, CellsOrigin(columns, found.lines), found.faults, dict(found.repairs))
