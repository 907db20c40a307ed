"""JSON objects of a file, a line each or in one list, a block at a time."""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from timbral.raw.files.blocks import Bytes, LineFault, blocks, decode_line

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_OBJECT = 1 << 22
_OBJECTS_OF_A_BLOCK = 5_000
_PIECE_BYTES = 1 << 20
_BETWEEN = re.compile(r"[\s,\[\]]*")
_NEXT_OBJECT = re.compile(r"[\n,\[]\s*\{")


@dataclass
class Objects:
    """Objects of one block.

    Attributes:
        objects: The objects.
        lines: The line on which each begins.
        faults: Places that hold no object.
        repairs: What was mended, and how often.
    """

    objects: list[dict[str, Any]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    faults: list[LineFault] = field(default_factory=list)
    repairs: Counter[str] = field(default_factory=Counter)

    def add(self, value: Any, line: int, text: str) -> None:
        """Take a value in, as an object or as a fault."""
        if isinstance(value, dict):
            self.objects.append(value)
            self.lines.append(line)
        else:
            self.faults.append(LineFault(line, "is no JSON object", text))

    @property
    def is_full(self) -> bool:
        """Whether it is time for the next block."""
        return len(self.objects) + len(self.faults) >= _OBJECTS_OF_A_BLOCK


def read_objects(stream: Bytes, *, is_lines: bool) -> Iterator[Objects]:
    """Read a file's objects in bounded memory.

    Args:
        stream: The file, in UTF-8.
        is_lines: Whether each line is one object; otherwise they stand in a list or one after another.
    """
    return _of_lines(stream) if is_lines else _of_list(stream)


def _of_lines(stream: Bytes) -> Iterator[Objects]:
    for block in blocks(stream):
        found = Objects(faults=list(block.faults))
        for number, line in enumerate(block.data.split(b"\n"), block.first_line):
            content = line.strip().rstrip(b",")
            if content in (b"", b"[", b"]"):
                continue
            try:
                found.add(_load(content, found.repairs), number, decode_line(line))
            except ValueError:
                found.faults.append(LineFault(number, "is no JSON object", decode_line(line)))
            if found.is_full:
                yield found
                found = Objects()
        yield found


def _load(content: bytes, repairs: Counter[str]) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        value = json.loads(decode_line(content))  # takes half surrogate pairs and NaN, which orjson refuses
        repairs["loose JSON read"] += 1
        return _without_surrogates(value)


def _without_surrogates(value: Any) -> Any:
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


class _Text:
    """A window on a file's text that moves forward."""

    def __init__(self, stream: Bytes) -> None:
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self.text, self.at, self._first_line, self.is_whole = "", 0, 1, False

    @property
    def line(self) -> int:
        return self._first_line + self.text.count("\n", 0, self.at)

    def read_on(self) -> None:
        piece = self._stream.read(_PIECE_BYTES)
        self.is_whole = not piece
        self._first_line = self.line
        self.text, self.at = self.text[self.at :] + self._decode(piece, self.is_whole), 0


def _of_list(stream: Bytes) -> Iterator[Objects]:
    window, found = _Text(stream), Objects()
    decode = json.JSONDecoder().raw_decode
    line, counted = 1, 0
    while True:
        window.at = between.end() if (between := _BETWEEN.match(window.text, window.at)) else window.at
        try:
            value, end = decode(window.text, window.at)
        except (json.JSONDecodeError, RecursionError):
            if not window.is_whole and len(window.text) - window.at < LONGEST_OBJECT:
                window.read_on()
                line, counted = window.line, 0
            elif window.at >= len(window.text):
                break
            else:
                _resume(window, found)
                line, counted = window.line, window.at
            continue
        line += window.text.count("\n", counted, window.at)
        counted = window.at
        found.add(_clean(value), line, window.text[window.at : window.at + 300])
        window.at = end
        if found.is_full:
            yield found
            found = Objects()
    yield found


def _clean(value: Any) -> Any:
    try:
        orjson.dumps(value)
    except (TypeError, ValueError):
        return _without_surrogates(value)
    return value


def _resume(window: _Text, found: Objects) -> None:
    line, shown = window.line, window.text[window.at : window.at + 300]
    is_cut = window.is_whole
    while (after := _NEXT_OBJECT.search(window.text, window.at + 1)) is None and not window.is_whole:
        window.at = max(window.at + 1, len(window.text) - 100)
        window.read_on()
    window.at = after.end() - 1 if after else len(window.text)
    reason = "is cut off or no JSON" if is_cut else f"is no JSON, or longer than {LONGEST_OBJECT} characters"
    found.faults.append(LineFault(line, reason, shown))
