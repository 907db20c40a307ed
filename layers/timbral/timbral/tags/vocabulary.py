"""Words that are known among tags: genres and moods, each in the one way in which it is written here.

A tag is looked up by its key, in which case, accents, spaces and signs don't count: ``Hip-Hop``,
``hip hop`` and ``hiphop`` are all ``hip hop``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from timbral.core.folding import fold, words
from timbral.core.wording import spell_out


def tag_key(text: str) -> str:
    """Return what a tag is looked up by: its letters and digits, folded; empty for signs alone."""
    return "".join(words(spell_out(fold(text))))


@cache
def _lines(file_name: str) -> tuple[str, ...]:
    return tuple(files(__package__).joinpath(file_name).read_text(encoding="utf-8").splitlines())


@cache
def _genres() -> dict[str, str]:
    return {tag_key(name): name for name in _lines("genres.txt")}


@cache
def _known() -> dict[str, str]:
    known = {tag_key(name): name for name in _lines("moods.txt")} | _genres()
    for line in _lines("aliases.txt"):  # another word for the same, where the key alone doesn't tell
        alias, _, name = line.partition(" = ")
        known[tag_key(alias)] = known.get(tag_key(name), name)
    return known


@cache
def filing_keys() -> frozenset[str]:
    """Return the keys of tags by which people file, praise or own."""
    return frozenset(_lines("filing.txt"))


def known_tag(key: str) -> str | None:
    """Return how a known tag is written, or None if the key is of no known one.

    Args:
        key: As `tag_key` returns it.
    """
    return _known().get(key)


def is_known(tag: str) -> bool:
    """Tell whether a normalised tag is a word of the vocabulary."""
    return known_tag(tag_key(tag)) == tag


def is_genre(tag: str) -> bool:
    """Tell whether a normalised tag names a genre."""
    return _genres().get(tag_key(tag)) == tag


def genre_names() -> tuple[str, ...]:
    """Return every genre that is known, in order."""
    return tuple(sorted(_genres().values()))
