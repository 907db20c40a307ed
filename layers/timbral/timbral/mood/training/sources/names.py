"""Names of artists and albums as one id each, remembered: files repeat them."""

from __future__ import annotations

from functools import cache

from timbral.core import normalise
from timbral.core.credits import read_artist


@cache
def lead_artist(name: str) -> str:
    """Return the id of an artist, or of a joint credit as a whole."""
    return normalise.artist_id(name)


@cache
def first_artist(name: str) -> str:
    """Return the id of the first name of a joint credit."""
    return normalise.artist_id(read_artist(name).members[0])


@cache
def album_of(artist: str, title: str) -> str:
    """Return the id of an album."""
    return normalise.album_id(artist, title)
