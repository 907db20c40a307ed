"""Scripts: whether a Latin name is how another script's name is read aloud.

Romanisations differ (*Tsoi*, *Tsoy*, *Coj*), so names are compared by what all ways of
writing them keep: the consonants, roughly. Chinese characters are read as Mandarin; a
Japanese name in them, or a translated title, is not recognised.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from anyascii import anyascii

if TYPE_CHECKING:
    from timbral.core.normalise import Identity

_CACHED_NAMES = 1 << 16
# Two songs of one artist share two consonants often, four hardly ever.
LEAST_ARTIST_CONSONANTS = 3
LEAST_TITLE_CONSONANTS = 4
LEAST_TITLE_CONSONANTS_WITHOUT_VOWELS = 3

_READ = (
    ("tts", "ts"), ("kh", "h"), ("ch", "h"), ("ph", "f"), ("th", "t"), ("sh", "s"), ("zh", "z"), ("ts", "c"),
    ("tz", "c"), ("ou", "u"), ("oy", "u"), ("gg", "ng"), ("x", "ks"), ("q", "k"), ("w", "v"), ("y", "i"),
    ("j", "i"),
)  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class _Hearing:
    """Which sounds all romanisations of a kind of script keep apart."""

    kind: str
    spelled: tuple[tuple[str, str], ...]
    telling: dict[int, int | None]


_ALPHABET = _Hearing("alphabet", _READ, str.maketrans("l", "r", "aeiou"))
# Arabic and Hebrew write no vowels, and w, y and h may stand for one.
_ABJAD = _Hearing(
    "abjad",
    (
        ("kh", "k"), ("ch", "k"), ("ph", "f"), ("th", "t"), ("sh", "s"), ("ts", "s"), ("tz", "s"),
        ("dh", "d"), ("q", "k"), ("c", "k"), ("x", "ks"),
    ),
    str.maketrans("l", "r", "aeiouyjwvh"),
)  # fmt: skip
# Korean is written with Latin letters by ear, by which g and k, d and t, b and p are one sound.
_HANGUL = _Hearing(
    "hangul", (("ch", "j"), ("sh", "s"), ("c", "k")), str.maketrans("lgdbv", "rktpp", "aeiouywh")
)
_LETTERS = (
    (re.compile(r"[\u0590-\u08ff\ufb1d-\ufefc]"), _ABJAD),
    (re.compile(r"[\u1100-\u11ff\uac00-\ud7a3]"), _HANGUL),
)
_ALL = (_ALPHABET, _ABJAD, _HANGUL)
_TWICE = re.compile(r"([a-z])\1+")
_NO_SOUND = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=_CACHED_NAMES)
def is_latin(key: str) -> bool:
    """Tell whether all letters of a key are Latin ones; so they are where there are none."""
    return key.isascii() or all("LATIN" in unicodedata.name(sign, "") for sign in key if sign.isalpha())


def unlike_scripts(one: str, other: str) -> bool:
    """Tell whether one key is Latin and the other is not."""
    return is_latin(one) != is_latin(other)


def _hearing(*keys: str) -> _Hearing:
    """Return how names are compared of which one has these keys and the other is Latin."""
    return next(
        (hearing for letters, hearing in _LETTERS if any(map(letters.search, keys))),
        _ALPHABET,
    )


@lru_cache(maxsize=_CACHED_NAMES)
def _read_aloud(key: str, hearing: _Hearing) -> str:
    """Write a key in Latin letters, one for each sound that romanisations agree on."""
    sounds = _NO_SOUND.sub("", anyascii(key).lower())
    # Two like letters are two sounds where the vowel between them is not written.
    if hearing is _ABJAD and not is_latin(key):
        return _spell(sounds, hearing)
    return _TWICE.sub(r"\1", _spell(_TWICE.sub(r"\1", sounds), hearing))


def _spell(sounds: str, hearing: _Hearing) -> str:
    for spelled, sound in hearing.spelled:
        sounds = sounds.replace(spelled, sound)
    return sounds


def _consonants(key: str, hearing: _Hearing) -> str:
    heard = _read_aloud(key, hearing).translate(hearing.telling)
    return heard if hearing is _ABJAD else _TWICE.sub(r"\1", heard)


def artist_sounds(artist_key: str) -> tuple[str, ...]:
    """Return what an artist may sound like: two names that sound alike have one of these in common."""
    hearings = _ALL if is_latin(artist_key) else (_hearing(artist_key),)
    return tuple(f"{hearing.kind} {_consonants(artist_key, hearing)}" for hearing in hearings)


def track_sounds(identity: Identity) -> tuple[str, ...]:
    """Return what a track may sound like: two that sound alike have one of these in common."""
    keys = identity.artist_key, identity.title_key
    hearings = _ALL if all(map(is_latin, keys)) else (_hearing(*keys),)
    return tuple(
        "\x1f".join((hearing.kind, *(_consonants(key, hearing) for key in keys), identity.version_key))
        for hearing in hearings
    )


def artists_sound_alike(one: str, other: str) -> bool:
    """Tell whether two artist keys in unlike scripts are read alike."""
    return unlike_scripts(one, other) and _sound_alike(one, other, LEAST_ARTIST_CONSONANTS)


def tracks_sound_alike(one: Identity, other: Identity) -> bool:
    """Tell whether two identities are one name in unlike scripts.

    Args:
        one: An identity.
        other: Another; the order does not matter.

    Returns:
        Whether artist and title are each the same or read alike, one of them in unlike
        scripts, and the version is the same.
    """
    artists = one.artist_key, other.artist_key
    titles = one.title_key, other.title_key
    if one.version_key != other.version_key or not (unlike_scripts(*artists) or unlike_scripts(*titles)):
        return False
    no_vowels = _hearing(*titles) is _ABJAD
    least = LEAST_TITLE_CONSONANTS_WITHOUT_VOWELS if no_vowels else LEAST_TITLE_CONSONANTS
    return (artists[0] == artists[1] or artists_sound_alike(*artists)) and (
        titles[0] == titles[1] or (unlike_scripts(*titles) and _sound_alike(*titles, least))
    )


def _sound_alike(one: str, other: str, least: int) -> bool:
    hearing = _hearing(one, other)
    if hearing is not _ABJAD and _read_aloud(one, _ALPHABET) == _read_aloud(other, _ALPHABET) != "":
        return True
    heard = _consonants(one, hearing)
    return len(heard) >= least and heard == _consonants(other, hearing)
