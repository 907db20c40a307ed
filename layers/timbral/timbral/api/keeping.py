"""What the API itself keeps of listeners between releases: picks, what they said and did, erasures.

One small document a listener, ``api/listeners/<key>/seeds.json``, beside the table ``feedback``: the table is
for the next release, the document for the next request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from timbral.store.listeners import listener_prefix
from timbral.store.seeds import HeardTrack, change_document, heard_in, read_document, seeds_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from timbral.store.objects import Objects

MOST_OPINIONS = 500
LONG_ENOUGH_S = 30


@dataclass(frozen=True)
class Event:
    """What a listener did with a track.

    Attributes:
        event_id: The client's own name of it.
        kind: One of `timbral.tables.api.EVENT_KINDS`.
        track_id: The track.
        at_uts: When, in Unix seconds.
        played_s: For plays: how long.
        shown_in: One of `timbral.tables.api.PLACES`.
        release: The release that answered; None if unknown.
    """

    event_id: str
    kind: str
    track_id: str
    at_uts: int
    played_s: float | None = None
    shown_in: str = "elsewhere"
    release: str | None = None


@dataclass(frozen=True)
class Opinion:
    """What somebody did with a track since they told us.

    Attributes:
        plays_count: Plays long enough to count.
        skips_count: Skips.
        verdict: 1 liked or saved, -1 disliked, 0 nothing.
        last_at_uts: When last.
    """

    plays_count: int = 0
    skips_count: int = 0
    verdict: int = 0
    last_at_uts: int = 0


@dataclass(frozen=True)
class Seeds:
    """All that is known of a listener beside the release.

    Attributes:
        history: Listening taken in.
        top_tracks: What a provider says they play most.
        picked_tracks: Ids of tracks that they picked when they were new.
        picked_genres: Genres likewise.
        opinions: What they did and said, by track id.
        erased_releases: Releases in which they mustn't be looked for: they were erased since.
        erased_at_uts: When they were erased last; 0 if never.
        tag: Version of all this; the same tag means the same seeds.
    """

    history: tuple[HeardTrack, ...] = ()
    top_tracks: tuple[HeardTrack, ...] = ()
    picked_tracks: tuple[str, ...] = ()
    picked_genres: tuple[str, ...] = ()
    opinions: dict[str, Opinion] = field(default_factory=dict)
    erased_releases: tuple[str, ...] = ()
    erased_at_uts: int = 0
    tag: str = ""


NOTHING = Seeds()


class FeedbackLog(Protocol):
    """Takes events into the table ``feedback``."""

    def append(self, listener_id: str, events: Sequence[Event]) -> None:
        """Write events; written again they are the same rows."""


class Keeping:
    """Reads and changes what is kept of listeners.

    Args:
        objects: Returns the object store.
        log: Returns the table of events.
    """

    def __init__(self, objects: Callable[[], Objects], log: Callable[[], FeedbackLog]) -> None:
        self._objects = objects
        self._log = log

    def seeds(self, listener_id: str) -> Seeds:
        """Return what is known of a listener beside the release; two small reads."""
        heard, heard_tag = read_document(self._objects(), seeds_key(listener_id))
        told, told_tag = read_document(self._objects(), told_key(listener_id))
        if not heard_tag and not told_tag:
            return NOTHING
        opinions = {track_id: Opinion(*values) for track_id, values in told.get("opinions", {}).items()}
        return Seeds(
            history=tuple(heard_in(heard, "history")),
            top_tracks=tuple(heard_in(heard, "top_tracks")),
            picked_tracks=tuple(told.get("picked_tracks", ())),
            picked_genres=tuple(told.get("picked_genres", ())),
            opinions=opinions,
            erased_releases=tuple(told.get("erased_releases", ())),
            erased_at_uts=told.get("erased_at_uts", 0),
            tag=f"{heard_tag} {told_tag}",
        )

    def pick(self, listener_id: str, track_ids: Sequence[str], genres: Sequence[str]) -> None:
        """Keep what somebody new picked, in place of what they picked before."""
        picked = {"picked_tracks": list(track_ids), "picked_genres": list(genres)}
        change_document(self._objects(), told_key(listener_id), lambda known: known | picked)

    def note(self, listener_id: str, events: Sequence[Event]) -> int:
        """Keep events: as rows, and for the next request. What they did before they were erased is dropped.

        Returns:
            How many were kept.
        """
        erased_at_uts = read_document(self._objects(), told_key(listener_id))[0].get("erased_at_uts", 0)
        fresh = [event for event in events if event.at_uts > erased_at_uts]
        if fresh:
            self._log().append(listener_id, fresh)
        telling = [event for event in fresh if event.kind not in {"impression", "click"}]
        if telling:
            change_document(self._objects(), told_key(listener_id), lambda known: with_events(known, telling))
        return len(fresh)


def told_key(listener_id: str) -> str:
    """Return the key of the document of what a listener told the API."""
    return f"{listener_prefix('api', listener_id)}/seeds.json"


def with_events(known: dict[str, Any], events: Sequence[Event]) -> dict[str, Any]:
    """Add events to a listener's document; an event that is in it already changes nothing.

    Args:
        known: The document.
        events: What they did, in any order.

    Returns:
        The document with them; of too many tracks those of the latest events stay.
    """
    seen = dict(known.get("events", {}))
    for event in events:
        counts = event.kind != "play" or (event.played_s or 0) >= LONG_ENOUGH_S
        if counts:
            seen[event.event_id] = [event.kind, event.track_id, event.at_uts]
    latest = sorted(seen.items(), key=lambda item: (-item[1][2], item[0]))[:MOST_OPINIONS]
    return known | {"events": dict(sorted(latest)), "opinions": opinions_of([values for _, values in latest])}


def opinions_of(events: Sequence[Sequence[Any]]) -> dict[str, list[int]]:
    """Sum events up by track: plays, skips, the last verdict, the latest time."""
    found: dict[str, list[int]] = {}
    for kind, track_id, at_uts in sorted(events, key=lambda event: (event[2], event[0])):
        plays, skips, verdict, _ = found.get(track_id, [0, 0, 0, 0])
        said = {"like": 1, "save": 1, "dislike": -1}.get(kind, verdict)
        found[track_id] = [plays + (kind in {"play", "skip"}), skips + (kind == "skip"), said, at_uts]
    return dict(sorted(found.items()))
