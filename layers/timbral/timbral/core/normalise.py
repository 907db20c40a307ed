"""The identity of a track: from a raw spelling to one name that all its spellings share.

A false split is harmless, a false merge loses a song: what is not known to be neutral
stays in the name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from timbral.core.credits import guests_of, read_artist, split_guests, split_names, without_guests
from timbral.core.folding import fold, plain_words, sign_key, squeeze, without_thousands, words
from timbral.core.qualifiers import read_qualifier, split_trailing
from timbral.core.vocabulary import vocabulary
from timbral.core.wording import number_parts, spell_out
from timbral.digests import digest_text

if TYPE_CHECKING:
    from collections.abc import Iterable

_CACHED_QUALIFIERS = 1 << 16
_MOST_READINGS = 4


@dataclass(frozen=True, slots=True)
class Identity:
    """What a spelling says about a recording.

    Attributes:
        artist_key: The lead artist; never empty.
        title_key: The title without qualifiers; never empty.
        version_key: What makes it another recording than the plain one (``"live"``,
            ``"acoustic / live"``, ``"four tet remix"``); empty for that.
        featured: Keys of the guests that this spelling names, sorted; not part of the id.
        members: Keys of the names in the artist field's lead, sorted; not part of the id.
    """

    artist_key: str
    title_key: str
    version_key: str = ""
    featured: tuple[str, ...] = ()
    members: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """A spelling of the title that has this very identity."""
        return f"{self.title_key} ({self.version_key})" if self.version_key else self.title_key


class _Part(NamedTuple):
    """What a piece of a title says."""

    title: str
    versions: tuple[str, ...]
    guests: tuple[str, ...]


@lru_cache(maxsize=_CACHED_QUALIFIERS)
def _read_part(qualifier: str) -> _Part:
    """Read one bracket's or one dash's content."""
    if (guests := guests_of(qualifier)) is not None:
        names, trailing = split_trailing(guests.rstrip())
        return _Part("", tuple(read_qualifier(trailing)[0]), split_names(names))
    before, guests = split_guests(qualifier)
    versions, pieces = read_qualifier(before)
    return _Part(" ".join(pieces), tuple(versions), split_names(guests))


_HAS_QUALIFIER = re.compile(
    r"[(\[{]|\s-|-\s|\b(?:feat|ft|featuring)\b|(?:version|versao|edit|mix|master(?:ed)?|\d{4})$"
)
# Most titles hold none of these words, and no sign but the apostrophe: they need no rules.
_TELLING = vocabulary(
    """feat ft featuring version versao edit mix remix master remaster remastered n nr num number ver kv
    pt pts part parts parte partie teil vol vols volume act scene chapter book movement mvt
    ii iii iv vi vii viii ix xi xii xiii xiv xv xvi xvii xviii xix"""
)
_BRACKET = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_OPEN_BRACKET = re.compile(r"[(\[{]([^()\[\]{}]*)$")
_DASHED = re.compile(r"\s-+([^\s-][^-]*[^\s-])-+$")
_DASH = re.compile(r"\s+-+\s*|-+\s+")
_DATED_REMASTER = re.compile(r"(\s-+\s+(?:19|20)\d\d)\s+-+\s+(?=(?:digital(?:ly)? )?re-?master)")


def _read_title(folded: str) -> _Part:
    """Part a folded title into its own text and what is said about it."""
    parts: list[_Part] = []

    def take(qualifier: str) -> str:
        parts.append(_read_part(qualifier.strip()))
        return f" {parts[-1].title} "

    text = _DASHED.sub(r" (\1)", folded) if folded.endswith("-") else folded
    text = _DATED_REMASTER.sub(r"\1 ", text)
    for bracket in (_BRACKET, _OPEN_BRACKET):
        while bracket.search(text):
            text = bracket.sub(lambda found: take(found[1]), text)
    head, *suffixes = _DASH.split(text.strip())
    if words(head):
        text = " ".join([head, *map(take, suffixes)])
    before, guests = split_guests(text.strip())
    if guests:
        parts.append(_read_part(f"feat. {guests}"))
    text, trailing = split_trailing(before.rstrip())
    if trailing:
        parts.append(_read_part(trailing))
    versions = tuple(version for part in parts for version in part.versions)
    return _Part(text, versions, tuple(guest for part in parts for guest in part.guests))


def _version_key(versions: Iterable[str]) -> str:
    spelled = (" ".join(words(number_parts(spell_out(version)))) for version in versions)
    return " / ".join(sorted({version for version in spelled if version}))


@lru_cache(maxsize=_CACHED_QUALIFIERS)
def _settled(versions: tuple[str, ...]) -> str:
    """Name the versions so that the name, read as a qualifier, gives itself."""
    key = _version_key(versions)
    for _ in range(_MOST_READINGS):
        again = _read_part(number_parts(spell_out(key)))
        if again.title or _version_key(again.versions) == key:
            break
        key = _version_key(again.versions)
    return key


def identify(artist: str, title: str) -> Identity:
    """Read a track's spelling.

    Args:
        artist: The artist field as spelled.
        title: The title field as spelled.

    Returns:
        Its identity. Reading ``artist_key`` and ``Identity.title`` again gives the same
        three keys.

    Raises:
        InvalidInput: A field holds nothing but white space.
    """
    credit = read_artist(artist)
    folded = fold(title)
    plain = "".join(_without_article(plain_words(folded, _TELLING)))
    if plain and plain not in _TELLING:
        return Identity(credit.key, plain, "", credit.guests, credit.members)
    spelled = number_parts(spell_out(without_thousands(folded)))
    if _HAS_QUALIFIER.search(spelled.rstrip()) is None:
        key = _title_key(_without_article(words(spelled))) or sign_key(folded, title, "title")
        return Identity(credit.key, key, "", credit.guests, credit.members)
    text, versions, guests = _read_title(spelled)
    key = _title_key(_without_article(words(text))) or "".join(text.strip("()[]{}- ").split())
    if not key:
        key = _title_key(words(spelled)) or sign_key(folded, title, "title")
        return Identity(credit.key, key, "", credit.guests, credit.members)
    lead = without_guests(credit, guests)
    featured = tuple(sorted({*credit.guests, *guests} - {lead}))
    members = tuple(name for name in credit.members if name not in guests) or credit.members
    return Identity(lead, key, _settled(versions) if versions else "", featured, members)


def _title_key(tokens: list[str]) -> str:
    key = squeeze(tokens)
    if key.isalpha() and key not in _TELLING:
        return key
    # Squeezed, "V II" is a numeral; reading the key again must not be what finds that out.
    return squeeze(words(number_parts(spell_out(key))))


def _without_article(tokens: list[str]) -> list[str]:
    # "The End" and "End" may be two songs; "The House of the Rising Sun" is one with and without.
    return tokens[1:] if tokens[:1] == ["the"] and len(tokens) > 2 else tokens  # noqa: PLR2004 - two words beside it


def track_id(identity: Identity) -> str:
    """Name a recording: the same for all spellings of one identity.

    Returns:
        32 hexadecimal characters.
    """
    return digest_text(f"track\x1f{identity.artist_key}\x1f{identity.title_key}\x1f{identity.version_key}")


def source_track_id(source: str, own_id: str) -> str:
    """Name a recording of which only a source's own id is known.

    Returns:
        32 hexadecimal characters, never those of a spelled track.
    """
    return digest_text(f"source\x1f{source}\x1f{own_id}")


def artist_id(artist: str) -> str:
    """Name an artist by the lead of an artist field.

    Raises:
        InvalidInput: The field holds nothing but white space.
    """
    return digest_text(f"artist\x1f{read_artist(artist).key}")


def album_id(artist: str, album: str) -> str:
    """Name an album; its editions (deluxe, remastered, anniversary) are one.

    Raises:
        InvalidInput: A field holds nothing but white space.
    """
    identity = identify(artist, album)
    return digest_text(f"album\x1f{identity.artist_key}\x1f{identity.title_key}\x1f{identity.version_key}")
