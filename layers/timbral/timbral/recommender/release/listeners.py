"""The listeners of an opened release, a file of about two hundred at a time."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from timbral.recommender.release import layout
from timbral.recommender.release.arrow_files import read_arrow
from timbral.recommender.release.view import ListenerProfile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa

_NUMBERS = ("scrobbles_count", "newest_at_uts")
_HOURS = ("hour_counts", "recent_hour_counts", "month_hour_counts", "week_hour_counts")
SHARDS_KEPT = 32
"""Files that stay in memory, a few megabytes each: who comes back within minutes is found there."""


class ListenerShards:
    """Profiles by listener.

    Args:
        path: Returns the local file of a name.
        shards_count: Into how many files the listeners are spread.
    """

    def __init__(self, path: Callable[[str], Path], shards_count: int) -> None:
        self._path = path
        self._shards_count = shards_count
        self._shard = lru_cache(maxsize=SHARDS_KEPT)(self._read)

    def profile(self, listener_id: str) -> ListenerProfile | None:
        """Return what is known of a listener, or None if nothing is.

        Raises:
            ContractBroken: The file that they should be in can't be read.
        """
        if not self._shards_count:
            return None
        return self._shard(layout.shard_of(listener_id, self._shards_count)).profile(listener_id)

    def _read(self, shard: int) -> _Shard:
        return _Shard(read_arrow(self._path(layout.shard_file(shard)), layout.LISTENERS_SCHEMA))


class _Shard:
    """The listeners of one file, each a slice of the file's columns.

    Args:
        rows: `timbral.recommender.release.layout.LISTENERS_SCHEMA`.
    """

    def __init__(self, rows: pa.Table) -> None:
        columns = {name: rows.column(name).combine_chunks() for name in rows.column_names}
        self._made: dict[str, ListenerProfile] = {}
        self._places = {name: place for place, name in enumerate(columns.pop("listener_id").to_pylist())}
        self._numbers = {name: columns.pop(name).to_pylist() for name in _NUMBERS}
        self._lists = {name: column.values.to_numpy() for name, column in columns.items()}
        # Where a listener's lists begin stands side by side: what is scattered over memory waits for it.
        self._starts = np.stack([column.offsets.to_numpy() for column in columns.values()], axis=1)

    def profile(self, listener_id: str) -> ListenerProfile | None:
        place = self._places.get(listener_id)
        if place is None:
            return None
        if listener_id not in self._made:
            self._made[listener_id] = self._profile(listener_id, place)
        return self._made[listener_id]

    def _profile(self, listener_id: str, place: int) -> ListenerProfile:
        begins, ends = self._starts[place : place + 2].tolist()
        spans = zip(self._lists.items(), begins, ends, strict=True)
        own: dict[str, Any] = {name: values[begin:end] for (name, values), begin, end in spans}
        own |= {name: tuple(own[name].tolist()) for name in _HOURS}
        own |= {name: values[place] for name, values in self._numbers.items()}
        return ListenerProfile(listener_id, **own)
