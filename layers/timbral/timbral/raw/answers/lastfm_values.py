"""The ways in which Last.fm writes JSON that began as XML.

Source: https://www.last.fm/api; a list of one item may be the item itself, an empty list a text, a number
a text, and an artist a name or an object.
"""

from __future__ import annotations

from typing import Any


def items(block: Any, name: str) -> list[dict[str, Any]]:
    """Return a list's items.

    Args:
        block: The object that holds the list, or a blank text where there is nothing.
        name: The list's name within it.
    """
    found = block.get(name) if isinstance(block, dict) else None
    if isinstance(found, dict):
        return [found]
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def whole(value: Any) -> int | None:
    """Return a whole number that may be written as a text; None if it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None  # noqa: PLR2004  int64


def text(value: Any) -> str | None:
    """Return a text that may be an object's ``#text`` or ``name``; None if it is blank."""
    if isinstance(value, dict):
        value = value.get("#text") or value.get("name")
    return value if isinstance(value, str) and value.strip() else None


def attributes(block: Any) -> dict[str, Any]:
    """Return what a list says of itself: in ``@attr``, or beside the list where it is empty."""
    if not isinstance(block, dict):
        return {}
    found = block.get("@attr")
    return found if isinstance(found, dict) else block
