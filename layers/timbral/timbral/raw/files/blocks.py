"""A file's bytes in blocks of whole lines, however long its lines are."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK_BYTES = 1 << 21
_SHOWN_BYTES = 300


class Bytes(Protocol):
    """A stream that tells whether it broke."""

    broken: str | None

    def read(self, size: int) -> bytes:
        """Return ``size`` bytes, fewer only at the end."""


@dataclass(frozen=True)
class LineFault:
    """A line that can't be read as a row.

    Attributes:
        line: Its number in the file, from 1.
        reason: What is wrong.
        text: How it begins.
    """

    line: int
    reason: str
    text: str


@dataclass(frozen=True)
class Block:
    """Whole lines.

    Attributes:
        first_line: Number of the first of them, from 1.
        data: The lines with their ends.
        faults: Lines that stand in ``data`` as empty ones, since they can't be read.
    """

    first_line: int
    data: bytes
    faults: list[LineFault] = field(default_factory=list)

    @property
    def lines_count(self) -> int:
        """How many lines there are."""
        return self.data.count(b"\n") + (not self.data.endswith(b"\n"))

    def text_of(self, line: int) -> str:
        """Return a line by its number."""
        return decode_line(self._split[line - self.first_line])

    def text_at_end(self) -> str:
        """Return the last line."""
        begin = self.data.rfind(b"\n", 0, len(self.data) - 1) + 1
        return decode_line(self.data[begin:].rstrip(b"\r\n"))

    @cached_property
    def _split(self) -> list[bytes]:
        return self.data.split(b"\n")


def decode_line(line: bytes) -> str:
    """Read a line as UTF-8, and where it isn't, as Windows-1252 or Latin-1."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        try:
            return line.decode("cp1252")
        except UnicodeDecodeError:
            return line.decode("latin-1")


def blocks(stream: Bytes, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """Yield a stream's lines in blocks; a line longer than a block is passed over and told.

    Args:
        stream: UTF-8 or any encoding that has ASCII in it.
        block_bytes: Bytes to read at a time; at most three times as many are held.
    """
    carry, line, old_ends = b"", 1, None
    while piece := stream.read(block_bytes):
        if old_ends is None:
            old_ends = b"\n" not in piece and b"\r" in piece
        data = carry + (piece.replace(b"\r", b"\n") if old_ends else piece)
        cut = data.rfind(b"\n") + 1
        if not cut and len(data) > block_bytes:
            carry = _pass_over(stream, block_bytes)
            reason = f"is longer than {block_bytes} bytes"
            yield Block(line, b"\n", [LineFault(line, reason, decode_line(data[:_SHOWN_BYTES]))])
            line += 1
            continue
        carry = data[cut:]
        if cut:
            yield Block(line, data[:cut])
            line += data.count(b"\n")
    if carry:
        yield _last(carry, line, stream.broken)


def _pass_over(stream: Bytes, block_bytes: int) -> bytes:
    while piece := stream.read(block_bytes):
        if (end := piece.find(b"\n")) >= 0:
            return piece[end + 1 :]
    return b""


def _last(carry: bytes, line: int, broken: str | None) -> Block:
    if broken is None:
        return Block(line, carry)
    whole, _, partial = carry.rpartition(b"\n")
    kept = whole + b"\n\n" if whole else b"\n"
    line_cut = line + whole.count(b"\n") + bool(whole)
    return Block(line, kept, [LineFault(line_cut, "is cut off", decode_line(partial[:_SHOWN_BYTES]))])
