"""Cursors: opaque to clients, good for one release and one question."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from timbral.api.problems import CursorStale
from timbral.digests import digest_json
from timbral.errors import InvalidRequest

MOST_OFFSET = 10_000
BINDING_LENGTH = 16


def question(release: str, operation: str, *parts: Any) -> str:
    """Name a question to a release: the same question to the same release has the same name.

    Args:
        release: The release.
        operation: What is asked.
        parts: What makes it this question: JSON values, or data classes of such.
    """
    return digest_json([release, operation, *parts])[:BINDING_LENGTH]


def write_cursor(offset: int, asked: str) -> str:
    """Return the cursor of a place in the answer to a question."""
    return urlsafe_b64encode(f"{offset}.{asked}".encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, asked: str, most: int = MOST_OFFSET) -> int:
    """Return the place that a cursor stands for; 0 without one.

    Args:
        cursor: What the client sent.
        asked: The name of its question.
        most: The furthest place there may be.

    Raises:
        InvalidRequest: It is none of ours.
        CursorStale: It belongs to another release or question.
    """
    if cursor is None:
        return 0
    try:
        place, _, bound = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(".")
    except (binascii.Error, UnicodeDecodeError):
        place, bound = "", ""
    known = len(bound) == BINDING_LENGTH and place.isdecimal() and len(place) <= len(str(most))
    if not known or int(place) > most:
        msg = "the cursor must be the next_cursor of an earlier answer"
        raise InvalidRequest(msg, "cursor")
    if bound != asked:
        msg = "the cursor belongs to another release, day or question: ask again without it"
        raise CursorStale(msg)
    return int(place)
