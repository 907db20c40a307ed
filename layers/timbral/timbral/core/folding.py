# ruff: noqa: RUF001 - characters that look like others are this module's subject
"""Folding: one spelling of a character for all the spellings that people and services use.

Case, accents, typographic punctuation, compatibility forms, invisible characters, HTML
entities and broken encodings go; whatever tells two words apart in its own script stays
(Cyrillic и and й, kana with and without dakuten, vowel signs of Indic scripts).
"""

from __future__ import annotations

import html
import re
import unicodedata

import ftfy

from timbral.errors import InvalidInput

_ENTITY = re.compile(r"&(?:amp|quot|apos|lt|gt|nbsp|#\d{1,6}|#x[0-9a-f]{1,5});", re.IGNORECASE)

# What UTF-8 looks like when it was read as Latin-1, Windows-1251/1252 or Mac Roman: a lead byte's
# letter, then another character that is not ASCII. Nothing else is worth ftfy's ten microseconds.
_MAYBE_MOJIBAKE = re.compile(r"[\x80-\x9fÂÃ√]|[ÄÅâÎÏÐÑ×ØÙÚÛàáãäåæçèéêëìíîïðРС‚¬][^\x00-\x7f]")

# The last byte of a closing quote is no character of Windows-1252, so that it often got lost.
_CUT_QUOTE = re.compile(r"â€(?![^\x00-\x7f])")

_LETTERS = {
    "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "þ": "th", "ħ": "h", "ŋ": "ng",
    "ə": "e", "ɛ": "e", "ɔ": "o",
    "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ٱ": "ا",
}  # fmt: skip
_SIGNS = {
    **dict.fromkeys("‘’‚‛ʼʻ`´′＇ʹ", "'"),
    **dict.fromkeys("“”„‟″«»「」『』〝〞", '"'),
    **dict.fromkeys("‐‑‒–—―−﹣", "-"),
    **dict.fromkeys("【〔〖〈《", "["),
    **dict.fromkeys("】〕〗〉》", "]"),
    **dict.fromkeys("〜～∼", "~"),
    "⁄": "/", "♯": "#", "♭": " flat ", "♪": " ", "♫": " ", "♬": " ", "♩": " ",
}  # fmt: skip
_INVISIBLE = dict.fromkeys((0xAD, 0x34F, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
                            *range(0x2060, 0x2070), *range(0xFE00, 0xFE10)))  # fmt: skip
_DIGITS = {start + digit: str(digit) for start in (0x660, 0x6F0) for digit in range(10)}
_AFTER_CASE = str.maketrans({**_LETTERS, **_SIGNS}) | _DIGITS
_BEFORE_FORM = str.maketrans({"´": "'", "″": '"', "…": "..."}) | _INVISIBLE

# Marks that a name is the same without: accents on Latin and Greek, stress and the dots of ё in Cyrillic,
# Hebrew and Arabic vowel points, the Arabic stretcher, hamza and madda.
_OPTIONAL_MARKS = re.compile(
    r"(?<![\u0400-\u04ff\u0300-\u036f])[\u0300-\u036f]+"
    r"|(?<=[\u0400-\u04ff])[\u0300\u0301](?<![гк]\u0301)"
    r"|(?<=е)\u0308"
    r"|[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]+"
)


def fold(text: str) -> str:
    """Fold case, accents, punctuation variants and broken encodings; inner spaces and signs stay.

    Args:
        text: A name as somebody wrote it.

    Returns:
        Its folded form, composed (NFC), possibly empty.
    """
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0].lower()), text)
    if text.isascii():
        return text.lower().replace("`", "'").strip()
    if _MAYBE_MOJIBAKE.search(text):
        text = ftfy.fix_encoding(_CUT_QUOTE.sub("\u201d", text))
    text = unicodedata.normalize("NFKC", text.translate(_BEFORE_FORM)).casefold()
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold().translate(_AFTER_CASE))
    return unicodedata.normalize("NFC", _OPTIONAL_MARKS.sub("", text)).strip()


_PLAIN = re.compile(r"[a-z' ]+")


def plain_words(folded: str, telling: frozenset[str]) -> list[str]:
    """Split folded text that is letters and spaces alone, the common case.

    Args:
        folded: Folded text.
        telling: Words that need a closer look.

    Returns:
        Its words; none if it holds anything else, or one of ``telling``.
    """
    if _PLAIN.fullmatch(folded) is None or "in'" in folded or "'n" in folded:
        return []
    tokens = folded.replace("'", "").split()
    return tokens if telling.isdisjoint(tokens) else []


# Signs that are words of their own (hearts, stars, infinity, emoji), and scripts whose vowels are marks.
_KEPT = (
    r"\u0300-\u036f\u0900-\u109f\u1780-\u17d3\u3099\u309a"
    r"\u221e\u25a0-\u2667\u2670-\u27bf\U0001f300-\U0001faff"
)
_WORDS = re.compile(rf"(?:[^\W_]|[{_KEPT}])+")
_DIGIT = re.compile(r"\d")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def words(folded: str) -> list[str]:
    """Split folded text into words; apostrophes don't split (``don't`` is one word)."""
    return _WORDS.findall(folded.replace("'", ""))


def squeeze(tokens: list[str]) -> str:
    """Join words into a key: without spaces, but never two numbers into one.

    Args:
        tokens: Words of folded text.

    Returns:
        ``"blink182"``, ``"1 11"``; empty for no words.
    """
    joined = "".join(tokens)
    if not _DIGIT.search(joined):
        return joined
    key = ""
    for token in tokens:
        key += " " + token if key[-1:].isdigit() and token[0].isdigit() else token
    return key


def without_thousands(folded: str) -> str:
    """Take the commas out of ``10,000``."""
    return _THOUSANDS.sub("", folded) if "," in folded else folded


def sign_key(folded: str, raw: str, field: str) -> str:
    """Name something that has no letter and no digit, such as ``!!!`` or ``( )``.

    Args:
        folded: Its folded form.
        raw: Its spelling.
        field: What to call it in an error.

    Returns:
        Its signs without spaces, or the code points where there are only invisible ones.

    Raises:
        InvalidInput: There is nothing but white space.
    """
    signs = "".join(folded.split())
    if signs:
        return signs
    if not raw.strip():
        raise InvalidInput(f"{field} is {raw!r}, but must hold at least one character", field)
    return "".join(f"u{ord(sign):04x}" for sign in raw if not sign.isspace())
