"""Text and numbers of a page's nodes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from timbral.raw.cells import first_number

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_SCORE = re.compile(r"\d{1,3}(?:\.\d+)?")
_HIGHEST_SCORE = 100
_BREAK = "\x1e"  # no page has it: a new line in the source is only white space
_CUT = " ... read more"


def text_of(node: LexborNode | None) -> str:
    """Return a node's text with white space as single spaces; empty if there is no such node."""
    return " ".join(node.text().split()) if node is not None else ""


def prose_of(node: LexborNode | None) -> str:
    """Return a node's text with a line for each paragraph and break."""
    if node is None:
        return ""
    for mark in node.css("p, br, li"):
        mark.insert_after(_BREAK)
    lines = (" ".join(line.split()) for line in node.text().split(_BREAK))
    return "\n".join(line for line in lines if line).removesuffix(_CUT)


def number_in(text: str) -> int | None:
    """Read a count, as in ``20,489``; None if there is none."""
    return first_number(text)


def score_in(text: str) -> float | None:
    """Read a score of 0 to 100; None for ``NR`` and whatever else is none."""
    match = _SCORE.fullmatch(text.strip())
    return float(match[0]) if match and float(match[0]) <= _HIGHEST_SCORE else None
