"""Playlists at Spotify, in our own tracks and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.api.answers.fresh import own_id
from timbral.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.pulling.spotify.listener import KnownTrack
    from timbral.recommender.release.view import ReleaseView

MOST_SEEDS = 100


def seeds_of(view: ReleaseView, playlist: Sequence[KnownTrack]) -> tuple[list[str], list[str]]:
    """Find a playlist's tracks among ours, by the rules of identity.

    Args:
        view: The release.
        playlist: What is on the playlist, in order.

    Returns:
        Ids of the tracks that the release has, of more than `MOST_SEEDS` the last; and names of the others.

    Raises:
        InvalidRequest: The release has none of them.
    """
    ids = [own_id(one.artist, one.track) for one in playlist]
    rows = view.rows(ids).tolist()
    known = dict.fromkeys(track_id for track_id, row in zip(ids, rows, strict=True) if row >= 0)
    if not known:
        msg = "none of the playlist's tracks is known here"
        raise InvalidRequest(msg, "body.spotify_playlist")
    unknown = [
        f"{one.artist} \N{EN DASH} {one.track}" for one, row in zip(playlist, rows, strict=True) if row < 0
    ]
    return list(known)[-MOST_SEEDS:], unknown


def linked(view: ReleaseView, track_ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """Find tracks at Spotify.

    Args:
        view: The release.
        track_ids: Ours, in order.

    Returns:
        Spotify's ids of those that are known there, in order; and those of ours that aren't.
    """
    rows = view.rows(track_ids).tolist()
    held = [row for row in rows if row >= 0]
    cards = dict(zip(held, view.cards(held), strict=True))
    found = {
        track_id: cards[row].spotify_id if row >= 0 else None
        for track_id, row in zip(track_ids, rows, strict=True)
    }
    spotify_ids = dict.fromkeys(one for one in found.values() if one)
    return list(spotify_ids), [track_id for track_id, one in found.items() if not one]
