"""One message of Spotify's queue: a listener's account, everybody's, or tracks that have no Spotify id."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from timbral.errors import InvalidInput, NotConnected, SourceBusy, SourceFailed, SourceRefused
from timbral.operations import importing
from timbral.pulling.messages import CatalogueMessage, EverybodyMessage, ListenerMessage, read_message
from timbral.pulling.spotify.catalogue import SpotifyCatalogue
from timbral.pulling.spotify.listener import SpotifyListener, read_top_tracks
from timbral.pulling.spotify.memory import SpotifyMemory
from timbral.pulling.spotify.permission import PROVIDER
from timbral.pulling.spotify.unmatched import unmatched_tracks
from timbral.store.seeds import HeardTrack, note_heard

if TYPE_CHECKING:
    from timbral.operations.importing import Importing
    from timbral.wiring import Services

REFUSED = "Spotify doesn't let us ask that."


def do_message(services: Services, body: str, until_s: float) -> dict[str, Any]:
    """Do what a message of the queue asks for, as far as the time allows.

    Args:
        services: Settings and adapters.
        body: See `timbral.pulling.messages`.
        until_s: When this must be over, in Unix seconds.

    Returns:
        What became of it; it names no listener: it is logged.

    Raises:
        InvalidInput: The message is none, or there is no key to ask with.
        SourceError: Spotify failed at the catalogue; the queue brings the message again.
    """
    message = read_message(body)
    match message:
        case EverybodyMessage():
            return importing.begin_everybody(services, PROVIDER, message, until_s)
        case CatalogueMessage():
            return _pull_catalogue(services, message.count, until_s)
        case ListenerMessage():
            job = importing.take_up(services, PROVIDER, message)
            return {"job": "is over"} if job is None else _pull_account(services, job, until_s)


def _pull_catalogue(services: Services, calls_count: int, until_s: float) -> dict[str, Any]:
    """Look tracks up within a budget of calls; the next message goes on where this one stopped."""
    outside = services.outside
    now_uts = int(outside.clock.now_s())
    spotify = services.spotify.catalogue(outside.run(until_s), calls_count)
    memory = SpotifyMemory(services.objects, now_uts)
    catalogue = SpotifyCatalogue(spotify, memory, outside.keep_answer, now_uts)
    return asdict(catalogue.pull(unmatched_tracks(services.tables)))


def _pull_account(services: Services, job: Importing, until_s: float) -> dict[str, Any]:
    """Pull what a listener plays most and their playlists, and note in their job how that went."""
    outside = services.outside
    now_uts = int(outside.clock.now_s())
    run = outside.run(until_s)
    permissions = services.spotify.permissions(run)
    try:
        with permissions.noting_its_end(job.listener_id):
            listener = SpotifyListener(
                services.spotify.of_listener(permissions, job.listener_id, run),
                services.objects,
                outside.keep_answer,
                job.listener_id,
                now_uts,
            )
            found = listener.pull()
    except SourceBusy as busy:
        return job.wait(busy.retry_after_s)
    except SourceFailed:
        return job.try_again("Spotify keeps failing: try again later.")
    except NotConnected as ended:
        return job.refuse("expired", f"{str(ended).capitalize()}.")
    except SourceRefused as refused:
        return job.refuse(refused.reason, REFUSED)
    except InvalidInput as wrong:
        return job.fail(str(wrong))
    _note_heard(services, job.listener_id)
    counts = {"pages_count": run.counts.calls_count, "rows_count": found["top_tracks"]}
    job.note(counts, {"total_count": found["top_tracks"]}, is_urgent=True)
    return job.finish()


def _note_heard(services: Services, listener_id: str) -> None:
    """Let the next request know what they play most; the order of the list is all that Spotify tells."""
    top = read_top_tracks(services.objects, listener_id)
    heard = [HeardTrack(one.artist, one.track, len(top) - at) for at, one in enumerate(top)]
    note_heard(services.objects, listener_id, "top_tracks", heard)
