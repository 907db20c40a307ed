"""Members of a zip file whose table of contents is lost, found from its beginning.

A zip file keeps its table at its end, so a cut file has none; each member is still preceded by a
local header (APPNOTE 6.3.10, section 4.3.7).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

LOCAL_HEADER = b"PK\x03\x04"
_FIXED = struct.Struct("<4sHHHHHIIIHH")
_STORED, _DEFLATED = 0, 8
_PIECE_BYTES = 1 << 17


@dataclass(frozen=True)
class LostMember:
    """A member of a broken zip file.

    Attributes:
        name: As the header says.
        offset: Where its bytes begin.
        method: 0 for stored, 8 for deflated.
        size: Its packed bytes if the header knows, else 0.
    """

    name: str
    offset: int
    method: int
    size: int


def lost_members(path: Path) -> Iterator[LostMember]:
    """Yield the members whose local header is whole, up to the break."""
    with path.open("rb") as file:
        while member := _header(file):
            if member.name and not member.name.endswith("/"):
                yield member
            file.seek(member.offset)
            _skip(file, member)


def _header(file: BinaryIO) -> LostMember | None:
    fixed = file.read(_FIXED.size)
    if len(fixed) < _FIXED.size or not fixed.startswith(LOCAL_HEADER):
        return None
    method, size, name_length, extra_length = (_FIXED.unpack(fixed)[i] for i in (3, 7, 9, 10))
    name = file.read(name_length).decode("utf-8", "replace")
    file.seek(extra_length, 1)
    return LostMember(name, file.tell(), method, size)


def _skip(file: BinaryIO, member: LostMember) -> None:
    if member.method != _DEFLATED:
        file.seek(member.size, 1)
        return
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    while not unpacker.eof and (piece := file.read(_PIECE_BYTES)):
        while piece and not unpacker.eof:
            unpacker.decompress(piece, _PIECE_BYTES)
            piece = unpacker.unconsumed_tail
    file.seek(-len(unpacker.unused_data), 1)
    after = file.read(24)
    # A descriptor of 12 to 24 bytes may follow: the next header begins behind it.
    found = after.find(LOCAL_HEADER)
    file.seek((found if found >= 0 else len(after)) - len(after), 1)


class LostFile:
    """Bytes of a member of a broken zip file, unpacked while they are read."""

    def __init__(self, path: Path, member: LostMember) -> None:
        self._file = path.open("rb")
        self._file.seek(member.offset)
        self._left = member.size
        self._unpacker = zlib.decompressobj(-zlib.MAX_WBITS) if member.method == _DEFLATED else None

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes.

        Raises:
            EOFError: The file ends before the member does.
        """
        if self._unpacker is None:
            piece = self._file.read(min(size, self._left))
            self._left -= len(piece)
            if not piece and self._left:
                raise EOFError("the zip file is cut off")
            return piece
        while not self._unpacker.eof:
            packed = self._unpacker.unconsumed_tail or self._file.read(_PIECE_BYTES)
            if not packed:
                raise EOFError("the zip file is cut off")
            if piece := self._unpacker.decompress(packed, size):
                return piece
        return b""

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
