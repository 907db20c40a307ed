"""What a release keeps of each listener."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from timbral.recommender.release.layout import LISTENERS_SCHEMA
from timbral.recommender.release.rows import taste_vector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from timbral.recommender.known import Known

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

HOURS_COUNT = 24
HOUR_COUNTS = ("hour_counts", "recent_hour_counts", "month_hour_counts", "week_hour_counts")
COUNTS = ("plays_count", "recent_plays_count", "month_plays_count", "week_plays_count", "verdict")


def listener_rows(known: Known, factors: Floats, row_of: Rows) -> pa.Table:
    """Make a row a listener.

    Args:
        known: What the stages know.
        factors: ``(n_listeners, n_factors)``.
        row_of: ``(n,)`` a track's row in the release; -1 for those that are not in it.

    Returns:
        `LISTENERS_SCHEMA`, sorted by ``listener_id``; only tracks that are in the release.
    """
    ids = known.interactions.listener_ids
    clock = {row["listener_id"]: row for row in known.clock.to_pylist()}
    columns = _columns(known, row_of)
    edges = np.searchsorted(columns["listener"], np.arange(len(ids) + 1))
    rows = []
    for number in np.argsort(ids.astype(str), kind="stable"):
        part = {name: values[edges[number] : edges[number + 1]] for name, values in columns.items()}
        times = clock.get(ids[number], {})
        rows.append(
            {
                "listener_id": ids[number],
                "factors": factors[number],
                "taste_vector": taste_vector(known.vectors[part["track"]], part["liking"].astype(np.float32)),
                "rows": part["row"],
                "plays": part["plays_count"],
                "recent_plays": part["recent_plays_count"],
                "month_plays": part["month_plays_count"],
                "week_plays": part["week_plays_count"],
                "verdicts": part["verdict"],
                "last_at_uts": part["last_at_uts"],
                **{name: times.get(name) or [0] * HOURS_COUNT for name in HOUR_COUNTS},
                "scrobbles_count": times.get("scrobbles_count") or 0,
                "newest_at_uts": times.get("newest_at_uts") or 0,
            }
        )
    return pa.Table.from_pylist(rows, schema=LISTENERS_SCHEMA)


def _columns(known: Known, row_of: Rows) -> dict[str, Rows]:
    """Return the plays' columns for tracks in the release, by listener and then by release row."""
    plays = known.plays
    tracks = plays.column("track").to_numpy()
    names = ("listener", "track", *COUNTS)
    columns = {name: plays.column(name).to_numpy() for name in names}
    columns["last_at_uts"] = plays.column("last_at_uts").fill_null(0).to_numpy()
    columns["liking"] = np.asarray(known.interactions.plays[columns["listener"], tracks]).ravel()
    columns["row"] = row_of[tracks]
    order = np.lexsort((columns["row"], columns["listener"]))
    order = order[columns["row"][order] >= 0]
    return {name: values[order] for name, values in columns.items()}
