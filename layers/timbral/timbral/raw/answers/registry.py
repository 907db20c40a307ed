"""Who reads which kind of answer: the one list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.errors import ContractBroken
from timbral.raw.answers.aoty import read_album
from timbral.raw.answers.lastfm_plays import WINDOW, read_window
from timbral.raw.answers.lastfm_tags import read_artist_tags, read_track_tags
from timbral.raw.answers.lastfm_tops import read_library_tracks, read_top_artists, read_top_tracks
from timbral.raw.answers.reading import no_rows
from timbral.raw.answers.spotify import read_audio_features, read_match, read_page

if TYPE_CHECKING:
    from timbral.raw.answers.envelope import Asked
    from timbral.raw.answers.reading import Reader

READERS: dict[tuple[str, str], Reader] = {
    ("lastfm", "user.getRecentTracks"): no_rows,  # a page; its window names it
    ("lastfm", WINDOW): read_window,
    ("lastfm", "user.getTopTracks"): read_top_tracks,
    ("lastfm", "user.getTopArtists"): read_top_artists,
    ("lastfm", "library.getTracks"): read_library_tracks,
    ("lastfm", "track.getTopTags"): read_track_tags,
    ("lastfm", "artist.getTopTags"): read_artist_tags,
    ("spotify", "search"): no_rows,
    ("spotify", "artist"): no_rows,
    ("spotify", "match"): read_match,
    ("spotify", "audio-features"): read_audio_features,
    ("spotify", "top-tracks"): read_page,
    ("spotify", "playlists"): no_rows,
    ("spotify", "playlist-items"): read_page,
    ("aoty", "page"): no_rows,
    ("aoty", "album"): read_album,
}
"""Readers by provider and kind."""


def reader_of(asked: Asked) -> Reader:
    """Return who reads an answer.

    Raises:
        ContractBroken: Nobody does.
    """
    try:
        return READERS[asked.provider, asked.kind]
    except KeyError:
        msg = f"nobody reads answers of kind {asked.kind!r} of provider {asked.provider!r}"
        raise ContractBroken(msg) from None
