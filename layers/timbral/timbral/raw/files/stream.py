"""Bytes of a file, unpacked while they are read; a break ends the stream and is told."""

from __future__ import annotations

import codecs
import gzip
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable

GZIP_MAGIC = b"\x1f\x8b"
_PIECE_BYTES = 1 << 17
_BREAKS = (EOFError, OSError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)


class Readable(Protocol):
    """An open binary file."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes, none at the end."""

    def close(self) -> None:
        """Let go of the file."""


class Stream:
    """Bytes read forward, gzip unwrapped, at most ``size`` at a time.

    Where the file breaks (a cut archive, a wrong checksum, a failing disk) the stream ends and
    ``broken`` says why, so that all before the break can be used.

    Args:
        raw: The open file.
        encoding: ``utf-8``, or a two-byte encoding that is turned into UTF-8 on the way.
    """

    def __init__(self, raw: Readable, encoding: str = "utf-8") -> None:
        self.broken: str | None = None
        self._raw = raw
        self._source = raw
        self._waiting = self._piece()
        if self._waiting.startswith(GZIP_MAGIC):
            self._source = gzip.GzipFile(fileobj=cast("IO[bytes]", _Rewound(self._waiting, raw)))
            self._waiting = b""
        decode = codecs.getincrementaldecoder(encoding)("replace").decode
        self._turn: Callable[[bytes, bool], str] | None = None if encoding == "utf-8" else decode
        self._waiting = self._turned(self._waiting)
        self._is_first = True

    def read(self, size: int) -> bytes:
        """Return ``size`` bytes, fewer only at the end; a byte order mark is dropped."""
        pieces, have = [self._waiting], len(self._waiting)
        while have < size and (piece := self._piece()):
            piece = self._turned(piece)
            pieces.append(piece)
            have += len(piece)
        whole = b"".join(pieces)
        self._waiting = whole[size:]
        if self._is_first and whole:
            self._is_first = False
            return whole[:size].removeprefix(codecs.BOM_UTF8)
        return whole[:size]

    def close(self) -> None:
        """Let go of the file."""
        self._raw.close()

    def _piece(self) -> bytes:
        # read1 hands out what came before a break; read would lose it.
        read = getattr(self._source, "read1", self._source.read)
        try:
            return bytes(read(_PIECE_BYTES)) if self.broken is None else b""
        except _BREAKS as error:
            self.broken = f"the file breaks off: {error}"
            return b""

    def _turned(self, piece: bytes) -> bytes:
        if self._turn is None or not piece:
            return piece
        return self._turn(piece, False).encode("utf-8", "replace")  # noqa: FBT003  codecs' own signature


class _Rewound:
    """A file whose first piece was read already."""

    def __init__(self, first: bytes, rest: Readable) -> None:
        self._first = first
        self._rest = rest

    def read(self, size: int = _PIECE_BYTES) -> bytes:
        if self._first:
            piece, self._first = self._first[:size], self._first[size:]
            return piece
        return self._rest.read(size)

    def close(self) -> None:
        self._rest.close()
