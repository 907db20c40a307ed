"""Spotify's own of pulling: a listener's account, and tracks that have no Spotify id."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from timbral.errors import REFUSALS
from timbral.operations.importing import Provider
from timbral.pulling.spotify.catalogue import SpotifyCatalogue
from timbral.pulling.spotify.listener import SpotifyListener, read_top_tracks
from timbral.pulling.spotify.memory import SpotifyMemory
from timbral.pulling.spotify.permission import EXPIRED, PROVIDER
from timbral.pulling.spotify.unmatched import unmatched_tracks
from timbral.store.seeds import HeardTrack, note_heard

if TYPE_CHECKING:
    from timbral.operations.importing import Importing
    from timbral.wiring import Services

FORBIDDEN = "Spotify doesn't let us ask that."
REFUSED = dict.fromkeys(REFUSALS, FORBIDDEN) | {"expired": f"{EXPIRED.capitalize()}."}


def _pull_catalogue(services: Services, calls_count: int, until_s: float) -> dict[str, Any]:
    """Look tracks up within a budget of calls; the next message goes on where this one stopped."""
    outside = services.outside
    now_uts = int(outside.clock.now_s())
    spotify = services.spotify.catalogue(outside.run(until_s), calls_count)
    memory = SpotifyMemory(services.objects, now_uts)
    catalogue = SpotifyCatalogue(spotify, memory, outside.keep_answer, now_uts)
    return asdict(catalogue.pull(unmatched_tracks(services.tables)))


def _pull_account(services: Services, job: Importing, until_s: float) -> bool:
    """Pull what a listener plays most and their playlists."""
    outside = services.outside
    run = outside.run(until_s)
    permissions = services.spotify.permissions(run)
    listener = SpotifyListener(
        services.spotify.of_listener(permissions, job.listener_id, run),
        services.objects,
        outside.keep_answer,
        job.listener_id,
        int(outside.clock.now_s()),
    )
    with permissions.noting_its_end(job.listener_id):
        found = listener.pull()
    _note_heard(services, job.listener_id)
    counts = {"pages_count": run.counts.calls_count, "rows_count": found["top_tracks"]}
    job.note(counts, {"total_count": found["top_tracks"]}, is_urgent=True)
    return True


def _note_heard(services: Services, listener_id: str) -> None:
    """Let the next request know what they play most; the order of the list is all that Spotify tells."""
    top = read_top_tracks(services.objects, listener_id)
    heard = [HeardTrack(one.artist, one.track, len(top) - at) for at, one in enumerate(top)]
    note_heard(services.objects, listener_id, "top_tracks", heard)


SPOTIFY = Provider(PROVIDER, "Spotify", REFUSED, _pull_account, _pull_catalogue)
