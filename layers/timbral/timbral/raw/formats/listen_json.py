"""Listening history in JSON: Spotify's two exports and ListenBrainz's."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from timbral.errors import InvalidInput
from timbral.raw.files.objects import Objects, read_objects
from timbral.raw.formats.format import SURE, Alone, Reading, of_objects
from timbral.raw.listens import Ground, read_plays_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from timbral.raw.chunk import Chunk
    from timbral.raw.files.head import Head

_Picked = dict[str, Any]


@dataclass(frozen=True)
class JsonListens(Alone):
    """A JSON export of plays.

    Attributes:
        name: What people call it.
        source: The name in ``source`` columns.
        marks: Fields of which one set tells the layout.
        pick: Takes from an object what we know by our names, or why it is left out.
        fields: What ``pick`` may return.
        times_are_ends: Whether times say when a play ended.
    """

    name: str
    source: str
    marks: Sequence[frozenset[str]]
    pick: Callable[[Mapping[str, Any]], _Picked | str]
    fields: tuple[str, ...]
    times_are_ends: bool

    def sniff(self, head: Head) -> float | None:
        """Judge by the fields of the first objects."""
        is_it = head.kind == "json" and any(mark <= head.object_fields for mark in self.marks)
        return SURE if is_it else None

    def lacks(self, head: Head) -> Sequence[str]:
        """Name the fields that are missing."""
        return sorted(self.marks[0] - head.object_fields)

    def listener(self, head: Head, given: str | None) -> str | None:
        """Name the one given: these exports come in many files whose names say nothing."""
        del head
        return given

    def read(self, head: Head, reading: Reading) -> Iterator[Chunk]:
        """Read plays.

        Raises:
            InvalidInput: Neither the file nor the caller says who listened.
        """
        ground = Ground(self.source, reading.listener, reading.now_uts, self.times_are_ends)
        for found in read_objects(reading.open(head), is_lines=head.is_lines):
            kept, left_out = self._picked(found)
            if ground.listener is None and not all(kept.columns_of("listener_id")):
                raise InvalidInput(
                    f"{head.source.name} doesn't say who listened: name the listener", "listener"
                )
            chunks = read_plays_of(of_objects(kept.found, kept.table(self.fields)), ground)
            for chunk in chunks:
                chunk.left_out, left_out = left_out, Counter()
                yield chunk

    def _picked(self, found: Objects) -> tuple[_Kept, Counter[str]]:
        left_out: Counter[str] = Counter()
        kept = _Kept(Objects(faults=found.faults, repairs=found.repairs), [])
        for value, line in zip(found.objects, found.lines, strict=True):
            picked = self.pick(value)
            if isinstance(picked, str):
                left_out[picked] += 1
            else:
                kept.rows.append(picked)
                kept.found.lines.append(line)
        return kept, left_out


@dataclass
class _Kept:
    found: Objects
    rows: list[_Picked]

    def columns_of(self, name: str) -> list[Any]:
        return [row.get(name) for row in self.rows]

    def table(self, names: Sequence[str]) -> pa.Table:
        return pa.table({name: pa.array(map(_text, self.columns_of(name)), pa.string()) for name in names})


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value)


def _account_play(value: Mapping[str, Any]) -> _Picked | str:
    if "podcastName" in value or "episodeName" in value or "audiobookName" in value:
        return "podcasts and episodes"
    return {
        "utc_time": value.get("endTime"),
        "artist": value.get("artistName"),
        "track": value.get("trackName"),
        "played_ms": value.get("msPlayed"),
    }


def _extended_play(value: Mapping[str, Any]) -> _Picked | str:
    track, artist = value.get("master_metadata_track_name"), value.get("master_metadata_album_artist_name")
    if track is None and artist is None:
        return "podcasts and episodes"
    return {
        "listener_id": value.get("username"),
        "utc_time": value.get("ts"),
        "artist": artist,
        "track": track,
        "album": value.get("master_metadata_album_album_name"),
        "played_ms": value.get("ms_played"),
        "source_track_id": str(value.get("spotify_track_uri") or "").rsplit(":", 1)[-1],
        "was_skipped": value.get("skipped"),
    }


def _listenbrainz_play(value: Mapping[str, Any]) -> _Picked | str:
    facts = _object(value.get("track_metadata"))
    more, mapped = _object(facts.get("additional_info")), _object(facts.get("mbid_mapping"))
    artists = more.get("artist_mbids") or mapped.get("artist_mbids") or [""]
    return {
        "listener_id": value.get("user_name"),
        "uts": value.get("listened_at") or value.get("timestamp"),
        "artist": facts.get("artist_name"),
        "track": facts.get("track_name"),
        "album": facts.get("release_name"),
        "artist_mbid": artists[0] if isinstance(artists, list) and artists else "",
        "album_mbid": more.get("release_mbid") or mapped.get("release_mbid"),
        "track_mbid": more.get("recording_mbid") or mapped.get("recording_mbid"),
    }


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


SPOTIFY_ACCOUNT = JsonListens(
    "Spotify account data (StreamingHistory)",
    "spotify-account",
    (
        frozenset(("end_time", "artist_name", "track_name", "ms_played")),
        frozenset(("end_time", "podcast_name", "episode_name", "ms_played")),
    ),
    _account_play,
    ("utc_time", "artist", "track", "played_ms"),
    times_are_ends=True,
)
SPOTIFY_EXTENDED = JsonListens(
    "Spotify extended streaming history",
    "spotify-extended",
    (frozenset(("ts", "ms_played", "master_metadata_track_name")),),
    _extended_play,
    ("listener_id", "utc_time", "artist", "track", "album", "played_ms", "source_track_id", "was_skipped"),
    times_are_ends=True,
)
LISTENBRAINZ = JsonListens(
    "ListenBrainz export",
    "listenbrainz",
    (frozenset(("track_metadata",)),),
    _listenbrainz_play,
    ("listener_id", "uts", "artist", "track", "album", "artist_mbid", "album_mbid", "track_mbid"),
    times_are_ends=False,
)
