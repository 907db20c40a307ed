"""Prose: what is written about an album, cut to what an encoder reads."""

from __future__ import annotations

import re

LONGEST_DESCRIPTION = 2_000
LONGEST_SNIPPET = 600
SNIPPETS_PER_ALBUM = 5

_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)\]]*(?=\s|$)|[。！？]")  # noqa: RUF001  full-width signs end sentences too


def cut_text(text: str, longest: int) -> str:
    """Cut a text where a sentence ends, or else between two words.

    Args:
        text: Any text; white space within it becomes single spaces.
        longest: Most characters.

    Returns:
        At most ``longest`` characters, possibly none.
    """
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    head = text[:longest]
    ends = [found.end() for found in _SENTENCE_END.finditer(head)]
    if ends and ends[-1] >= longest // 2:
        return head[: ends[-1]]
    if text[longest] != " " and " " in head:
        head = head[: head.rindex(" ")]
    return head.rstrip()
