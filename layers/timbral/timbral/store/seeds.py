"""What has been learned of a listener since the last release, so that the next request knows it.

Whoever takes in listening (an import, a provider's client) notes it here besides the tables: one small
document a listener, ``raw/listeners/<key>/seeds.json``. The API folds it in without a retrain. Noting the
same again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import orjson

from timbral.errors import Conflict
from timbral.store.listeners import listener_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from timbral.store.objects import Objects

Source = Literal["history", "top_tracks"]
MOST_TRACKS = 500
TRIES_COUNT = 8


@dataclass(frozen=True)
class HeardTrack:
    """A track that a listener is known to play.

    Attributes:
        artist: As the source spells it.
        track: Likewise.
        plays_count: How often, at least once.
        last_at_uts: When last, in Unix seconds; 0 if unknown.
    """

    artist: str
    track: str
    plays_count: int = 1
    last_at_uts: int = 0


def seeds_key(listener_id: str) -> str:
    """Return the key of the document of what was taken in of a listener."""
    return f"{listener_prefix('raw', listener_id)}/seeds.json"


def note_heard(objects: Objects, listener_id: str, source: Source, tracks: Iterable[HeardTrack]) -> None:
    """Note tracks that a listener plays; of each the highest count and the latest time are kept.

    Args:
        objects: The object store.
        listener_id: Who.
        source: Whether it is listening history, or what a provider says that they play most.
        tracks: The tracks, best first; `MOST_TRACKS` a source are kept.

    Raises:
        Conflict: Others kept writing.
    """
    added = list(tracks)

    def change(known: dict[str, Any]) -> dict[str, Any]:
        return known | {source: _merged(known.get(source, []), added)}

    change_document(objects, seeds_key(listener_id), change)


def _merged(known: list[list[Any]], added: list[HeardTrack]) -> list[list[Any]]:
    merged = {(artist, track): (plays, last) for artist, track, plays, last in known}
    for one in added:
        plays, last = merged.get((one.artist, one.track), (0, 0))
        merged[one.artist, one.track] = (max(plays, one.plays_count), max(last, one.last_at_uts))
    # The latest listening says most, and then what is played most; ties keep their order.
    best = sorted(merged.items(), key=lambda item: (-item[1][1], -item[1][0]))[:MOST_TRACKS]
    return [[artist, track, plays, last] for (artist, track), (plays, last) in best]


def heard_in(document: dict[str, Any], source: Source) -> list[HeardTrack]:
    """Return a source's tracks from a listener's document."""
    return [HeardTrack(*row) for row in document.get(source, [])]


def read_document(objects: Objects, key: str) -> tuple[dict[str, Any], str]:
    """Return a JSON object and its version; an empty one and an empty version if there is none."""
    found = objects.get_tagged(key)
    return (dict(orjson.loads(found[0])), found[1]) if found else ({}, "")


def change_document(objects: Objects, key: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Change a JSON object by conditional put, deciding anew whenever somebody else came first.

    Raises:
        Conflict: Others kept writing.
    """
    for _ in range(TRIES_COUNT):
        found = objects.get_tagged(key)
        known = dict(orjson.loads(found[0])) if found else {}
        changed = change(known)
        if found and changed == known:
            return
        try:
            objects.replace(
                key, orjson.dumps(changed, option=orjson.OPT_SORT_KEYS), found[1] if found else None
            )
        except Conflict:
            continue
        return
    msg = f"object {key!r} is being changed by too many at once"
    raise Conflict(msg)
