"""Credits: who made a recording, and who is its guest.

The lead is what the artist field says before *feat.*; guests are not part of a track's
identity, because sources name them or leave them out at will. ``A & B`` stays a name of its
own (a duo is not its first member), whatever sign joins it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from timbral.core.folding import fold, plain_words, sign_key, squeeze, without_thousands, words
from timbral.core.vocabulary import vocabulary
from timbral.core.wording import spell_out

_CACHED_ARTISTS = 1 << 18

# "ft" and "feat" are also a measure and a noun ("50 Ft Queenie", "Little Feat & Friends").
_FEATURE = (
    r"(?:(?:feat|ft)(?:\.|:|\b(?![.:]))|featuring\b|duet with\b)"
    r"(?!\s*(?:&|(?:of|and|tall|high|deep|down|long|wide|under|above|below|away|over|from|queenie)\b))"
)
_GUEST = re.compile(rf"\s+{_FEATURE}\s*(?=\S)|[(\[{{]\s*(?:{_FEATURE}|with\b|w/(?!o\b))\s*")
_STARTS_AS_GUEST = re.compile(rf"\s*(?:{_FEATURE}|w/(?!o\b))\s*(?=\S)")
_STARTS_WITH = re.compile(r"\s*with\s+(?=\S)")
# "(with ...)" names a guest, unless it goes on like a sentence or names instruments.
_NO_GUEST = vocabulary(
    """a an the you your yours my mine me i im it its us our we he his him she her they them their this
    that these those all another any each every everyone everything some someone something somebody no
    nobody nothing one two more less love or and out in on so how what who whom commentary dialogue
    dialogues intro introduction interlude outro lyrics vocal vocals voice voices rap strings string
    orchestra orchestral choir chorus piano guitar guitars violin viola cello flute trumpet drums drum
    bass band words bonus reprise narration spoken sound sounds applause audience extra new old only big
    little both just such
    loving having being special simultaneous"""
)
_SEPARATOR = re.compile(r"\s*[,;/&]\s*|\s+\+\s+|\s+(?:x|and|vs\.?|versus|with|con|y|und|et)\s+|_\s+")
_TELLING = vocabulary("feat ft featuring duet with the and n x vs versus con y und et nr num number ver kv")
_LISTED = re.compile(r"&|,| and (?!the\b)")
_CLOSING = " )]}([{-,;:"


@dataclass(frozen=True, slots=True)
class Credit:
    """An artist field, read.

    Attributes:
        key: The lead's key; never empty.
        members: Keys of the names that the lead consists of, in order; one for a plain name.
        guests: Keys of the featured names, in order.
        spans: The lead's folded text up to the end of each member.
    """

    key: str
    members: tuple[str, ...]
    guests: tuple[str, ...]
    spans: tuple[str, ...]


def name_key(folded: str) -> str:
    """Reduce one folded artist name to its key; empty if it holds no letter and no digit.

    ``the``, ``and`` and the ``x`` between two names are written or left out at will.
    """
    tokens = words(spell_out(folded))
    last = len(tokens) - 1
    telling = [
        token
        for place, token in enumerate(tokens)
        if token not in ("the", "and") and not (token == "x" and 0 < place < last)  # noqa: S105 - a word, no secret
    ]
    key = squeeze(telling or tokens)
    if key.isalpha():
        return key
    # Squeezed, "KV, 1" is a catalogue number; reading the key again must not be what finds that out.
    return squeeze(words(spell_out(key)))


def split_names(folded: str) -> tuple[str, ...]:
    """Split a list of names into their keys, each once, in order."""
    keys = (name_key(name) for name in _SEPARATOR.split(folded.strip(_CLOSING)))
    return tuple(dict.fromkeys(key for key in keys if key))


def split_guests(folded: str) -> tuple[str, str]:
    """Cut ``feat. ...`` off the end of a folded text.

    Returns:
        The text before, and the guests' text; the latter is empty where there is none.
    """
    found = _GUEST.search(folded)
    if found is None or not words(folded[: found.start()]) or not words(folded[found.end() :]):
        return folded, ""
    return folded[: found.start()], folded[found.end() :]


def guests_of(qualifier: str) -> str | None:
    """Return the names in a qualifier that is about guests, or None if it is not.

    Args:
        qualifier: Folded text such as ``"feat. sza"`` or ``"with ry cooder"``.
    """
    if found := _STARTS_AS_GUEST.match(qualifier):
        return qualifier[found.end() :]
    if (found := _STARTS_WITH.match(qualifier)) and words(qualifier[found.end() :])[:1]:
        names = qualifier[found.end() :]
        first = words(names)[0]
        # "With the Laughing Face" is a sentence, "with The Weeknd & 21 Savage" a list.
        if first not in _NO_GUEST or (first == "the" and _LISTED.search(names)):
            return names
    return None


@lru_cache(maxsize=_CACHED_ARTISTS)
def read_artist(artist: str) -> Credit:
    """Read an artist field.

    Args:
        artist: The field as spelled.

    Returns:
        Who leads and who is a guest.

    Raises:
        InvalidInput: It holds nothing but white space.
    """
    folded = fold(artist)
    if plain := plain_words(folded, _TELLING):
        key = "".join(plain)
        return Credit(key, (key,), (), (folded,))
    lead, guests = split_guests(without_thousands(folded))
    key = name_key(lead) or sign_key(folded, artist, "artist")
    spans = [lead[: found.start()] for found in _SEPARATOR.finditer(lead)] + [lead]
    members = []
    start = 0
    for span in spans:
        members.append(name_key(_SEPARATOR.sub(" ", span[start:])))
        start = len(span)
    return Credit(key, tuple(filter(None, members)) or (key,), split_names(guests), tuple(spans))


def without_guests(credit: Credit, guests: tuple[str, ...]) -> str:
    """Return the lead's key once the title has named some of its members as guests.

    Spotify credits *A, B - Song (feat. B)* where others write *A - Song (feat. B)*.
    """
    if len(credit.members) == 1 or not guests:
        return credit.key
    keep = len(credit.members)
    while keep > 1 and credit.members[keep - 1] in guests:
        keep -= 1
    return name_key(credit.spans[keep - 1]) or credit.key
