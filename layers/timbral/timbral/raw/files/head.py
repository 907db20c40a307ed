"""What a file seems to be, judged by how it begins."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from timbral.raw.files.blocks import decode_line
from timbral.raw.files.layout import Layout, split_record
from timbral.raw.files.objects import read_objects
from timbral.raw.formats.names import KNOWN_NAMES

if TYPE_CHECKING:
    from timbral.raw.files.sources import Source
    from timbral.raw.files.stream import Stream

Kind = Literal["empty", "binary", "parquet", "json", "table", "text"]
_HEAD_BYTES = 1 << 18
_SAMPLE_ROWS = 500
_FEWEST_COLUMNS, _AGREEING_SHARE = 2, 0.5
_DELIMITERS = ("\t", ",", ";", "|", "<SEP>")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\x0c\x1b\x1f"))
_NOT_A_NAME = re.compile(r"\d{4}|[0-9a-f]{8}-[0-9a-f]{4}-|^-?[\d.]+$")
_EXCEL_LINE = re.compile(r"sep=.\r?\n", re.IGNORECASE)


@dataclass(frozen=True)
class Head:
    """A file's beginning.

    Attributes:
        source: The file.
        kind: What it is made of.
        encoding: How its text is written.
        layout: How the rows of a table are written.
        spelled: The column names as the file spells them; empty where it has no header.
        columns: The same in snake case, so that ``artistName`` and ``Artist Name`` are one.
        sample: The first rows of a table.
        objects: The first JSON objects.
        is_lines: Whether JSON objects stand one a line.
        begins: The first bytes, for showing.
    """

    source: Source
    kind: Kind
    encoding: str = "utf-8"
    layout: Layout | None = None
    spelled: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()
    objects: tuple[dict[str, Any], ...] = ()
    is_lines: bool = False
    begins: bytes = b""

    def open(self) -> Stream:
        """Open the file as UTF-8."""
        return self.source.open(self.encoding)

    @property
    def object_fields(self) -> frozenset[str]:
        """The snake-case names of all fields that the first JSON objects have."""
        return frozenset(snake(name) for value in self.objects for name in value)


def snake(name: str) -> str:
    """Write a column's name in snake case, as ``artist_name``."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"\W+", "_", split.lower()).strip("_")


def read_head(source: Source) -> Head:
    """Judge a file by its beginning.

    Raises:
        InvalidInput: It can't be opened.
    """
    stream = source.open()
    data = stream.read(_HEAD_BYTES)
    stream.close()
    if not data.strip():
        return Head(source, "empty")
    if data.startswith(b"PAR1"):
        return _parquet(source, data)
    encoding = _encoding(data)
    if encoding != "utf-8":
        stream = source.open(encoding)
        data = stream.read(_HEAD_BYTES)
        stream.close()
    elif len(data.translate(None, _CONTROLS)) < 0.95 * len(data):
        return Head(source, "binary", begins=data[:16])
    is_whole = len(data) < _HEAD_BYTES
    if data.lstrip()[:1] in (b"{", b"["):
        return _json(source, encoding, data)
    return _table(source, encoding, data, is_whole=is_whole)


def _encoding(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = data[::2].count(0), data[1::2].count(0)
    # Latin text in two bytes a letter has a NUL in every second place.
    if odd > 0.3 * len(data) / 2 and even < 0.05 * len(data):
        return "utf-16-le"
    if even > 0.3 * len(data) / 2 and odd < 0.05 * len(data):
        return "utf-16-be"
    return "utf-8"


def _parquet(source: Source, data: bytes) -> Head:
    if source.path is None:
        return Head(source, "binary", begins=data[:16])
    try:
        names = tuple(pq.read_schema(source.path).names)
    except (pa.ArrowInvalid, OSError):
        return Head(source, "binary", begins=data[:16])
    return Head(source, "parquet", spelled=names, columns=tuple(map(snake, names)))


class _Held:
    broken: str | None = None

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, size: int) -> bytes:
        piece, self._data = self._data[:size], self._data[size:]
        return piece


def _json(source: Source, encoding: str, data: bytes) -> Head:
    first = data.lstrip().split(b"\n", 1)[0].strip()
    is_lines = first.startswith(b"{") and first.endswith(b"}")
    objects = [value for found in read_objects(_Held(data), is_lines=is_lines) for value in found.objects]
    return Head(source, "json", encoding, objects=tuple(objects[:50]), is_lines=is_lines, begins=data[:16])


def _table(source: Source, encoding: str, data: bytes, *, is_whole: bool) -> Head:
    lines = (data if b"\n" in data else data.replace(b"\r", b"\n")).split(b"\n")
    if not is_whole and len(lines) > 1:
        lines.pop()
    texts = [decode_line(line).replace("\0", "").removesuffix("\r") for line in lines[:_SAMPLE_ROWS]]
    skipped = 1 if _EXCEL_LINE.match(texts[0] + "\n") else 0
    texts = texts[skipped:]
    _, best = max(
        (_judged(source, encoding, texts, delimiter, skipped) for delimiter in _DELIMITERS),
        key=lambda it: it[0],
    )
    return best


def _judged(
    source: Source, encoding: str, texts: list[str], delimiter: str, skipped: int
) -> tuple[float, Head]:
    layout = Layout(delimiter, is_quoted=True, width=0, header_lines=skipped)
    texts = [layout.stand_in(text.encode()).decode() for text in texts]
    records, is_quoted = _records(texts, layout)
    widths = Counter(map(len, records[1:] or records))
    width, agreeing = max(widths.items(), key=lambda it: (it[1], it[0]))
    known = _header(records[0]) if records else 0
    spelled = tuple(records[0]) if known else ()
    if known and len(spelled) + 1 == width and agreeing == sum(widths.values()):
        spelled = ("", *spelled)  # R writes row names under no name
    width = len(spelled) or width
    share = agreeing / max(1, len(records) - 1)
    if width < _FEWEST_COLUMNS or (share < _AGREEING_SHARE and not known):
        return 0.0, Head(source, "text", encoding, begins=texts[0][:40].encode() if texts else b"")
    rows = records[1 if known else 0 :]
    head = Head(
        source,
        "table",
        encoding,
        Layout(delimiter, is_quoted, width, skipped + bool(known)),
        spelled,
        tuple(map(snake, spelled)),
        tuple(tuple(row) for row in rows if len(row) == width),
    )
    return share + known + 0.001 * min(width, 30), head


def _records(texts: list[str], layout: Layout) -> tuple[list[list[str]], bool]:
    """Split the first lines into rows, and say whether quotes mean anything in them."""
    rows: list[list[str]] = []
    is_quoted = True
    try:
        reader = csv.reader((f"{text}\n" for text in texts), delimiter=layout.separator, strict=True)
        rows.extend(reader)
    except csv.Error:
        # A row that is cut off by the end of the sample is no fault, stray quotes all over are: titles in
        # tab-separated text begin with a quote as they like.
        is_quoted = layout.separator != "\t" or len(rows) > len(texts) / 2
        if not is_quoted or len(rows) <= len(texts) / 2:
            layout = replace(layout, is_quoted=is_quoted)
            rows = [split_record(text, layout, strict=False) for text in texts]
    has_quotes = layout.separator != "\t" or any('"' in text for text in texts)
    return [row for row in rows if any(row)], is_quoted and has_quotes


def _header(record: list[str]) -> int:
    """Count the known column names of a first row, 0 if it looks like data."""
    if any(_NOT_A_NAME.search(cell) for cell in record):
        return 0
    known = sum(snake(cell) in KNOWN_NAMES for cell in record)
    return known if known >= min(2, len(record)) else 0
