"""Tables and JSON of a catalogue: what is known of tracks and albums, whoever listens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from timbral.raw.files.head import snake
from timbral.raw.files.objects import read_objects
from timbral.raw.files.records import read_records
from timbral.raw.formats.format import SURE, Alone, Cells, Reading, layout_of, of_objects, of_records
from timbral.raw.formats.names import positions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from timbral.raw.chunk import Chunk
    from timbral.raw.files.head import Head
    from timbral.raw.files.objects import Objects

BETWEEN_ITEMS = "\x1f"
"""Stands between the items of a list in a cell."""


@dataclass(frozen=True)
class Catalogue(Alone):
    """A layout of catalogue rows, as delimited text or as JSON objects.

    Attributes:
        name: What people call it.
        source: The name in ``source`` columns.
        names: What its columns may be called.
        needs: Our names of the columns without which it is something else.
        needs_some: At least ``some_count`` of these must be there too.
        some_count: See ``needs_some``.
        refuses: Columns that belong to other layouts.
        build: Turns cells into rows of tables.
        more: Turns JSON objects into rows of a further table.
        test: A last look at the file's beginning.
        dialect: Tells tables of several makers apart, so that one's facts don't replace another's.
    """

    name: str
    source: str
    names: Mapping[str, Sequence[str]]
    needs: tuple[str, ...]
    needs_some: tuple[str, ...]
    some_count: int
    refuses: frozenset[str]
    build: Callable[[Cells, str], Chunk]
    more: Callable[[Objects, str], Chunk] | None = None
    test: Callable[[Head, dict[str, int]], bool] | None = None
    dialect: Callable[[dict[str, int]], str] | None = None

    def sniff(self, head: Head) -> float | None:
        """Judge by the names of columns or fields."""
        columns = _columns(head)
        found = positions(columns, self.names)
        if not columns or self.lacks(head) or self.refuses & set(columns):
            return None
        return SURE if self.test is None or self.test(head, found) else None

    def lacks(self, head: Head) -> Sequence[str]:
        """Name the columns that are missing."""
        found = positions(_columns(head), self.names)
        lacking = [name for name in self.needs if name not in found]
        if sum(name in found for name in self.needs_some) < self.some_count:
            lacking.append(" or ".join(name for name in self.needs_some if name not in found))
        return lacking

    def read(self, head: Head, reading: Reading) -> Iterator[Chunk]:
        """Read rows in bounded memory."""
        if head.kind == "table":
            found = positions(head.columns, self.names)
            source = f"{self.source}-{self.dialect(found)}" if self.dialect else self.source
            for records in read_records(reading.open(head), layout_of(head), found):
                yield self.build(of_records(records), source)
            return
        source = f"{self.source}-json" if self.dialect else self.source
        for objects in read_objects(reading.open(head), is_lines=head.is_lines):
            yield self.build(cells_of(objects, self.names), source)
            if self.more is not None:
                yield self.more(objects, source)


def _columns(head: Head) -> Sequence[str]:
    return head.columns if head.kind == "table" else tuple(sorted(head.object_fields))


def field_of(value: Mapping[str, Any], names: Sequence[str]) -> Any:
    """Return the first of some fields that an object has, by its name in snake case; else None."""
    by_name = {snake(name): content for name, content in value.items()}
    return next((by_name[name] for name in names if by_name.get(name) is not None), None)


def cells_of(found: Objects, names: Mapping[str, Sequence[str]]) -> Cells:
    """Pick the fields of JSON objects as columns of text, by our names."""
    columns = {
        ours: pa.array([as_cell(field_of(value, theirs)) for value in found.objects], pa.string())
        for ours, theirs in names.items()
    }
    return of_objects(found, pa.table(columns))


def as_cell(value: Any) -> str:
    """Write a JSON value as the text of a cell; items of a list stay apart."""
    if value is None:
        return ""
    if isinstance(value, list):
        return BETWEEN_ITEMS.join(str(item) for item in value if not isinstance(item, dict | list))
    return value if isinstance(value, str) else str(value)
