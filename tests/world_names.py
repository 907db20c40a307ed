"""Invented names for the planted world: unlike each other, whatever the size."""

from __future__ import annotations

import numpy as np

_GENRES = """
dub techno folk bebop grunge salsa ambient metal soul ska country opera disco punk blues bossa house shoegaze
funk gospel polka raga trap swing
"""
_ADJECTIVES = """
dusty frozen golden lonely roaring sleepy electric velvet broken sunny haunted nervous tender rusty underwater
distant holy violent giddy bitter lunar crowded
"""
_SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu"
GENRES = np.array(_GENRES.split())
ADJECTIVES = np.array(_ADJECTIVES.split())
GENERAL_TAGS = np.array(
    ["favourites", "seen live", "albums I own", "check out", "good", "2010s", "female vocals"]
)

_SOUNDS = tuple(_SYLLABLES.split())
_TRACKS_OF_ARTIST = 10
_TITLES_FROM = 1_600_000  # so that nobody's first song bears their name
_TRACKS_OF_ALBUM = 5
_SPACE = len(_SOUNDS) ** 5
_STRIDE = 1_234_577  # prime, so that multiples of it fill the space, and neighbours lie far apart


def track_names(track_block: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Name tracks; no artist works in two blocks.

    Args:
        track_block: ``(n_tracks,)`` ascending blocks, n_tracks at most 1,600,000.

    Returns:
        Artists, titles and albums, each ``(n_tracks,)`` of ``str``; a title comes once in the world.
    """
    block_starts = np.searchsorted(track_block, track_block)
    place = np.arange(len(track_block)) - block_starts
    new_artist = place % _TRACKS_OF_ARTIST == 0
    artist = np.cumsum(new_artist) - 1
    within = place % _TRACKS_OF_ARTIST
    artists = np.array([_two_words(number, 3) for number in range(int(artist[-1]) + 1)], dtype=object)[artist]
    titles = [_two_words(number + _TITLES_FROM, 2) for number in range(len(track_block))]
    albums = [_two_words(number, 4) for number in (artist * 2 + within // _TRACKS_OF_ALBUM).tolist()]
    return artists, np.array(titles, dtype=object), np.array(albums, dtype=object)


def _two_words(number: int, first_length: int) -> str:
    code = (number + 1) * _STRIDE % _SPACE
    parts = []
    for _ in range(5):
        code, digit = divmod(code, len(_SOUNDS))
        parts.append(_SOUNDS[digit])
    return "".join(parts[:first_length]).capitalize() + " " + "".join(parts[first_length:]).capitalize()
