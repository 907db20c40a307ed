"""Wording: one way to write what a title can say in several.

``&``, ``+``, ``'n'`` and *and*; ``#1``, ``Nr. 1`` and *No. 1*; *Pt. II*, *Part Two* and
*part 2*; ``C#`` and *C sharp*; ``Ke$ha`` and ``P!nk``.
"""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"[&+$!@#°'%]|\bn\b|\bn(?:r|os|um|umber)\b|[a-g]b\b|\bin [a-g]\b|\bkv|\bver\b")
# A work in a key is in its major one, unless it says otherwise.
_CATALOGUE = r"(?:op|k|kv|bwv|rv|d|hob|hwv|woo)\b\.?\s*[\divx]"
_PLAIN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?<=\w)(?:\s*'n'\s*|\s+(?:n'|'n|n)\s+|-n-)(?=\w)", " and "),
        (r"(?<=\d)\s*\+\s*(?=\d)", " "),
        (r"&|(?<=\w)\s+\+\s+(?=\w)", " and "),
        (r"(?<=[a-z]in)'(?![a-z])", "g"),
        (r"\$(?=[a-z])|(?<=[a-z])\$", "s"),
        (r"(?<=[a-z])!(?=[a-z])", "i"),
        (r"(?<=\s)@(?=\s)", " at "),
        (r"\b([a-g])#(?![a-z0-9])", r"\1 sharp"),
        (r"\b([a-g])b(?=[ -](?:major|minor|maj|min)\b)", r"\1 flat"),
        (r"#\s*(?=\d)|\bn°\s*(?=\d)|\bn(?:r|os|um|umber)\b\.?\s*(?=\d)", "no "),
        (rf"\bin ([a-g](?:[ -](?:sharp|flat))?)(?=,?\s+{_CATALOGUE})", r"in \1 major"),
        (r"\bkv\.?\s*(?=\d)", "k "),
        (r"\bver\b\.?", "version"),
        (r"(?<=\d)\s*%", " percent"),
    )
)

_ROMANS = ("i ii iii iv v vi vii viii ix x", "xi xii xiii xiv xv xvi xvii xviii xix xx")
_COUNTS = ("one two three four five six seven eight nine ten eleven twelve",)


def _numbered(lines: tuple[str, ...]) -> dict[str, str]:
    return {word: str(number) for number, word in enumerate(" ".join(lines).split(), start=1)}


_ROMAN = _numbered(_ROMANS)
_VALUE = {**_ROMAN, **_numbered(_COUNTS)}
_NUMERAL = "(?:" + "|".join(sorted(_VALUE, key=len, reverse=True)) + r"|\d+)"
_KINDS = {
    "pt": "part", "pts": "part", "part": "part", "parts": "part",
    "parte": "part", "partie": "part", "teil": "part",
    "vol": "vol", "vols": "vol", "volume": "vol", "act": "act", "scene": "scene", "chapter": "chapter",
    "book": "book", "movement": "movement", "mvt": "movement",
}  # fmt: skip
_PART = re.compile(
    rf"\b({'|'.join(sorted(_KINDS, key=len, reverse=True))})(?:\.\s*|\s+|(?=\d))({_NUMERAL})"
    rf"((?:(?:-|\s*(?:&|,|/|\band\b|\bto\b)\s*)(?!\d{{3}}){_NUMERAL}\b)*)(?![^\W_])(?!')"
)
_MAYBE_PART = re.compile(r"\b(?:p(?:ar)?t|teil|vol|act|scene|chap|book|m(?:o)?v)")
# One letter alone is as often a word ("You and I", "V", "X"), so a lone one must stand where a number would.
_SAFE_ROMAN = re.compile(r"\b(?:i{2,3}|i[vx]|vi{1,3}|x(?:i{1,3}|i[vx]|vi{0,3}))\b(?!')")
_HEADING = re.compile(r"(^|[:\-]\s*)([ivx]+)\.\s+(?=\w)")


def _as_part(found: re.Match[str]) -> str:
    numerals = re.findall(_NUMERAL, found[2] + found[3])
    return f" {_KINDS[found[1]]}" + " ".join(_VALUE.get(numeral, numeral) for numeral in numerals) + " "


def number_parts(folded: str) -> str:
    """Write part, volume and movement numbers in arabic figures.

    Args:
        folded: Folded text.

    Returns:
        ``"song part2"`` for *Song, Pt. II*; two-letter roman numerals are figures
        anywhere, *I*, *V* and *X* only after *Part* and its like, or heading a movement.
    """
    if _MAYBE_PART.search(folded):
        folded = _PART.sub(_as_part, folded)
    if "." in folded:
        folded = _HEADING.sub(lambda found: f"{found[1]}{_ROMAN.get(found[2], found[2])} ", folded)
    if "i" in folded or "v" in folded:
        folded = _SAFE_ROMAN.sub(lambda found: _ROMAN[found[0]], folded)
    return folded


def spell_out(folded: str) -> str:
    """Write signs that stand for words as words.

    Args:
        folded: Folded text.

    Returns:
        The same, ``&`` as *and*, ``#1`` as *no 1*, and so on.
    """
    if _SPECIAL.search(folded):
        for pattern, replacement in _PLAIN:
            folded = pattern.sub(replacement, folded)
    return folded
