"""Spellings: how sources write the same recording differently, and which recordings only look the same."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timbral.sample.catalogue import CatalogueTrack

_GUEST = re.compile(r" \(feat\. (?P<names>[^)]+)\)")
_REMASTERED_BEFORE = 1995
_REMASTERS = (" - Remastered 2011", " - 2017 Remaster", " (Remastered)", " (2009 Digital Remaster)")

# (artist, title, title of another recording): never one track, however alike.
KEPT_APART = (
    ("Nirvana", "About a Girl", "About a Girl - Live"),
    ("Johnny Cash", "Folsom Prison Blues", "Folsom Prison Blues - Live at Folsom State Prison"),
    ("Bob Marley & The Wailers", "No Woman, No Cry", "No Woman, No Cry - Live"),
    ("Portishead", "Roads", "Roads - Live"),
    ("Donny Hathaway", "The Ghetto", "The Ghetto - Live"),
    ("Everything But the Girl", "Missing", "Missing (Todd Terry Club Mix)"),
    ("New Order", "Blue Monday", "Blue Monday 1988"),
    ("Taylor Swift", "Love Story", "Love Story (Taylor's Version)"),
    ("Sigur Rós", "Untitled #1 (Vaka)", "Untitled #8 (Popplagið)"),
    ("Aphex Twin", "#3", "#20"),
    ("Ludwig van Beethoven", "I. Adagio sostenuto", "III. Presto agitato"),
)


def spellings(track: CatalogueTrack) -> list[tuple[str, str]]:
    """Return other spellings of a track's artist and title, all of them the same recording.

    Returns:
        ``[(artist, title)]``, each unlike the catalogue's own; none where the name leaves no choice.
    """
    found = dict.fromkeys((*_guest_spellings(track), *_remasters(track), *_letter_spellings(track)))
    return [pair for pair in found if pair != track.key]


def _guest_spellings(track: CatalogueTrack) -> Iterator[tuple[str, str]]:
    if guest := _GUEST.search(track.title):
        names, bare = guest["names"], _GUEST.sub("", track.title)
        yield f"{track.artist} feat. {names}", bare
        yield track.artist, track.title.replace("feat.", "ft.")
        yield track.artist, bare


def _remasters(track: CatalogueTrack) -> Iterator[tuple[str, str]]:
    # One per track: nobody knows four remasters of the same song.
    if track.year < _REMASTERED_BEFORE and track.family != "classical":
        yield track.artist, track.title + _REMASTERS[track.year % len(_REMASTERS)]


def _letter_spellings(track: CatalogueTrack) -> Iterator[tuple[str, str]]:
    yield track.artist, track.title.lower()
    yield track.artist.upper(), track.title
    yield track.artist.replace(" & ", " and "), track.title
    yield track.artist, track.title.replace("'", "’")  # noqa: RUF001  the typographic one is the point
    yield unicodedata.normalize("NFD", track.artist), unicodedata.normalize("NFD", track.title)
