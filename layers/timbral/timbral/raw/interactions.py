"""Listening history as arrays, read from files without a store: for measuring models."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from timbral.errors import InvalidInput
from timbral.progress import Silent
from timbral.raw.chunk import Chunk, sift
from timbral.raw.formats.format import Reading
from timbral.raw.importing import bundles_under
from timbral.raw.intake import Intake
from timbral.store.tables import Appended
from timbral.tables.raw import TAG_VOTES_RAW, USER_ARTISTS_RAW, USER_SCROBBLES_RAW, USER_TRACKS_RAW

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from timbral.progress import Progress
    from timbral.raw.formats.registry import Bundle
    from timbral.store.quarantine import Reject
    from timbral.tables.declaration import Table

ItemKind = Literal["track", "song", "artist"]
_HISTORY = (USER_SCROBBLES_RAW, USER_TRACKS_RAW, USER_ARTISTS_RAW)


@dataclass(frozen=True)
class PlaysData:
    """Who played what, and what is known of it.

    Attributes:
        item_kind: What an item is: a track by its names, a song by its source's id, or an artist.
        listener_ids: ``(n_listeners,)`` names.
        item_ids: ``(n_items,)`` keys.
        item_artists: ``(n_items,)`` artists' names, None where unknown.
        item_titles: ``(n_items,)`` titles, None where unknown and for artists.
        listeners: ``(n,)`` int64 index of the listener of each row.
        items: ``(n,)`` int64 index of the item of each row.
        plays: ``(n,)`` int64 how often; 1 for a play of known time.
        at_uts: ``(n,)`` int64 Unix seconds, 0 where the time is not known.
        tags: ``(n_tags,)`` tags as they are spelled.
        tag_items: ``(m,)`` int64 index of the item that was tagged.
        tag_tags: ``(m,)`` int64 index of the tag that it was given.
        tag_votes: ``(m,)`` int64 how many gave it.
        tag_listeners: ``(m,)`` int64 index of the listener who gave it, -1 if it isn't known.
        quarantined: Rows set aside, by field and reason.
    """

    item_kind: ItemKind
    listener_ids: list[str]
    item_ids: list[str]
    item_artists: list[str | None]
    item_titles: list[str | None]
    listeners: np.ndarray
    items: np.ndarray
    plays: np.ndarray
    at_uts: np.ndarray
    tags: list[str]
    tag_items: np.ndarray
    tag_tags: np.ndarray
    tag_votes: np.ndarray
    tag_listeners: np.ndarray
    quarantined: dict[str, int]

    @property
    def has_times(self) -> bool:
        """Whether every row is a play of known time."""
        return bool(len(self.at_uts)) and bool((self.at_uts > 0).all())


def read_plays(
    path: Path,
    *,
    item_key: Callable[[str, str], str],
    now_uts: int,
    listener: str | None = None,
    progress: Progress | None = None,
) -> PlaysData:
    """Read a history file or folder, in any layout that can be imported.

    Args:
        path: The file or folder.
        item_key: Turns artist and title into what is the same for the same track.
        now_uts: The present, in Unix seconds.
        listener: Who listened, for files that don't say.
        progress: Told of rows.

    Raises:
        InvalidInput: Nothing there is listening history, or it counts artists here and tracks there.
    """
    bundles, _ = bundles_under(path)
    gathered = _Gathered(item_key)
    for bundle in bundles:
        _gather(bundle, gathered, Reading(None, now_uts, bundle.companions), listener, progress or Silent())
    if not gathered.kinds:
        raise InvalidInput(f"{path} holds no listening history", "path")
    if len(gathered.kinds) > 1:
        kinds = " and of ".join(sorted(f"{kind}s" for kind in gathered.kinds))
        raise InvalidInput(f"{path} holds plays of {kinds}: name one file or folder of one kind", "path")
    return gathered.data()


def _gather(
    bundle: Bundle, gathered: _Gathered, reading: Reading, listener: str | None, progress: Progress
) -> None:
    name = bundle.head.source.name
    reading.listener = bundle.format.listener(bundle.head, listener)
    gathered.has_own_ids = bundle.format.source == "taste-profile"
    intake = Intake(gathered, name, name, progress)
    progress.begin(f"read {name}", None, "rows")
    try:
        for chunk in bundle.format.read(bundle.head, reading):
            table = chunk.outputs[0][0]
            if table is TAG_VOTES_RAW:
                gathered.add_tags(*sift(chunk, name))
            elif table in _HISTORY:
                intake.take(chunk)
        intake.finish(bundle.format.name, reading.listener, reading.broken)
    finally:
        reading.close()
        intake.close()


class _Gathered:
    """A store that keeps rows as indices."""

    def __init__(self, item_key: Callable[[str, str], str]) -> None:
        self.kinds: set[ItemKind] = set()
        self.has_own_ids = False
        self._item_key = item_key
        self._key_of: dict[tuple[str, str], str] = {}
        self._listeners: dict[str, int] = {}
        self._items: dict[str, int] = {}
        self._facts: list[tuple[str | None, str | None]] = []
        self._rows: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
        self._taggings: Counter[tuple[str, str, str | None]] = Counter()
        self._quarantined: Counter[str] = Counter()

    def append(
        self, table: Table, rows: pa.Table, part: str, rejects: Sequence[Reject] = (), where: str = ""
    ) -> Appended:
        """Keep plays."""
        del part, where
        self._quarantined.update(reject.kind for reject in rejects)
        if rows.num_rows:
            self._add(table, rows)
        return Appended(rows.num_rows)

    def receipt(self, name: str) -> dict[str, Any] | None:
        """Know of no earlier import."""
        del name
        return None

    def put_receipt(self, name: str, receipt: Mapping[str, Any]) -> None:
        """Note nothing."""

    def _add(self, table: Table, rows: pa.Table) -> None:
        keys, facts = self._keys(table, rows)
        items = np.empty(rows.num_rows, np.int64)
        for at, (key, fact) in enumerate(zip(keys, facts, strict=True)):
            items[at] = self._items.setdefault(key, len(self._items))
            if items[at] == len(self._facts):
                self._facts.append(fact)
        ids = rows.column("listener_id").to_pylist()
        listeners = np.array([self._listeners.setdefault(one, len(self._listeners)) for one in ids], np.int64)
        ones, zeros = np.ones(rows.num_rows, np.int64), np.zeros(rows.num_rows, np.int64)
        if table is USER_SCROBBLES_RAW:
            self._rows.append((listeners, items, ones, rows.column("scrobbled_at_uts").to_numpy()))
        else:
            self._rows.append((listeners, items, rows.column("plays_count").to_numpy(), zeros))

    def _keys(self, table: Table, rows: pa.Table) -> tuple[list[str], list[tuple[str | None, str | None]]]:
        artists = rows.column("artist").to_pylist()
        if table is USER_ARTISTS_RAW:
            self.kinds.add("artist")
            return artists, [(artist, None) for artist in artists]
        facts = list(zip(artists, rows.column("track").to_pylist(), strict=True))
        if self.has_own_ids:
            self.kinds.add("song")
            return rows.column("source_track_id").to_pylist(), facts
        self.kinds.add("track")
        for names in set(facts) - self._key_of.keys():
            self._key_of[names] = self._item_key(*names)
        return [self._key_of[names] for names in facts], facts

    def add_tags(self, chunk: Chunk, rejects: Sequence[Reject]) -> None:
        """Keep who tagged which artist how."""
        self._quarantined.update(reject.kind for reject in rejects)
        rows = chunk.outputs[0][1]
        givers = [None] * rows.num_rows if chunk.voters is None else chunk.voters.to_pylist()
        for artist, track, tag, giver in zip(
            *(rows.column(name).to_pylist() for name in ("artist", "track", "tag")), givers, strict=True
        ):
            item = artist if track is None else self._item_key(artist, track)
            self._taggings[item, tag, giver] += 1

    def data(self) -> PlaysData:
        """Return everything as arrays."""
        columns = [np.concatenate(column) for column in zip(*self._rows, strict=True)]
        known = [(key, votes) for key, votes in self._taggings.items() if key[0] in self._items]
        tags: dict[str, int] = {}
        return PlaysData(
            item_kind=next(iter(self.kinds)),
            listener_ids=list(self._listeners),
            item_ids=list(self._items),
            item_artists=[artist for artist, _ in self._facts],
            item_titles=[title for _, title in self._facts],
            listeners=columns[0],
            items=columns[1],
            plays=columns[2],
            at_uts=columns[3],
            tag_items=np.array([self._items[item] for (item, _, _), _ in known], np.int64),
            tag_tags=np.array([tags.setdefault(tag, len(tags)) for (_, tag, _), _ in known], np.int64),
            tags=list(tags),
            # Equal rows of one giver are one vote; where the giver isn't known, each is one.
            tag_votes=np.array([votes if giver is None else 1 for (_, _, giver), votes in known], np.int64),
            tag_listeners=np.array(
                [self._listeners.get(giver or "", -1) for (_, _, giver), _ in known], np.int64
            ),
            quarantined=dict(self._quarantined),
        )
