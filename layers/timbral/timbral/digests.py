"""Deterministic names: the same content always gets the same key."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

DIGEST_BYTES = 16
_BLOCK_BYTES = 1 << 20


def digest_bytes(data: bytes) -> str:
    """Return the BLAKE2b-128 digest of some bytes as 32 hex characters (RFC 7693)."""
    return hashlib.blake2b(data, digest_size=DIGEST_BYTES).hexdigest()


def digest_text(text: str) -> str:
    """Return the digest of a text's UTF-8 form; lone surrogates are kept apart, never refused."""
    return digest_bytes(text.encode("utf-8", "surrogatepass"))


def digest_json(value: Any) -> str:
    """Return the digest of a JSON value; the order of an object's keys does not matter."""
    return digest_bytes(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


def digest_names(names: Iterable[str]) -> str:
    """Return the digest of a set of names, whatever their order."""
    return digest_json(sorted(names))


def digest_file(path: Path) -> str:
    """Return the digest of a file's bytes, read in blocks.

    Raises:
        OSError: The file can't be read.
    """
    running = hashlib.blake2b(digest_size=DIGEST_BYTES)
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            running.update(block)
    return running.hexdigest()
