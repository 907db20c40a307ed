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
        rows, places = self._shard(layout.shard_of(listener_id, self._shards_count))
        place = places.get(listener_id)
        return None if place is None else _profile(rows, place)

    def _read(self, shard: int) -> tuple[pa.Table, dict[str, int]]:
        rows = read_arrow(self._path(layout.shard_file(shard)), layout.LISTENERS_SCHEMA).combine_chunks()
        return rows, {
            listener: place for place, listener in enumerate(rows.column("listener_id").to_pylist())
        }


def _profile(rows: pa.Table, place: int) -> ListenerProfile:
    def numbers(name: str, kind: type[np.number[Any]] = np.int64) -> Any:
        values = rows.column(name)[place].values
        return np.zeros(0, kind) if values is None else values.to_numpy().astype(kind)

    def hours(name: str) -> tuple[int, ...]:
        return tuple(numbers(name).tolist())

    return ListenerProfile(
        listener_id=rows.column("listener_id")[place].as_py(),
        factors=numbers("factors", np.float32),
        taste_vector=numbers("taste_vector", np.float32),
        rows=numbers("rows"),
        plays=numbers("plays"),
        recent_plays=numbers("recent_plays"),
        last_at_uts=numbers("last_at_uts"),
        hour_counts=hours("hour_counts"),
        scrobbles_count=rows.column("scrobbles_count")[place].as_py(),
        newest_at_uts=rows.column("newest_at_uts")[place].as_py(),
        month_plays=numbers("month_plays"),
        week_plays=numbers("week_plays"),
        verdicts=numbers("verdicts"),
        recent_hour_counts=hours("recent_hour_counts"),
        month_hour_counts=hours("month_hour_counts"),
        week_hour_counts=hours("week_hour_counts"),
    )
