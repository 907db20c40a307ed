"""How recommendations are received: click-through, long plays, saves, by carousel and release."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import orjson

from timbral.tables.api import FEEDBACK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from timbral.store.objects import Objects
    from timbral.store.tables import Tables

METRICS_KEY = "api/metrics/online.json"
LONG_PLAY_S = 60


@dataclass(frozen=True)
class OnlineMetric:
    """One carousel, or other place, under one release.

    Attributes:
        release: The release; empty where the client didn't say.
        shown_in: The carousel or place.
        impressions_count: Tracks shown, each once a listener.
        clicks_count: Of these, tracks clicked.
        plays_count: Plays.
        long_plays_count: Plays of more than 60 seconds.
        saves_count: Tracks saved to a playlist.
        click_through_rate: Clicked of shown, 0..1; None if nothing was shown.
        long_play_rate: Long plays of all plays, 0..1; None without plays.
        save_rate: Saved of shown, 0..1; None if nothing was shown.
    """

    release: str
    shown_in: str
    impressions_count: int
    clicks_count: int
    plays_count: int
    long_plays_count: int
    saves_count: int
    click_through_rate: float | None
    long_play_rate: float | None
    save_rate: float | None


_RECEIVED = f"""
    WITH of_track AS (
        SELECT coalesce(release, '') AS release, shown_in, listener_id, track_id,
            bool_or(kind = 'impression') AS was_shown,
            bool_or(kind = 'click') AS was_clicked,
            bool_or(kind = 'save') AS was_saved,
            count(*) FILTER (kind = 'play') AS plays_count,
            count(*) FILTER (kind = 'play' AND played_s > {LONG_PLAY_S}) AS long_plays_count
        FROM events GROUP BY ALL
    )
    SELECT release, shown_in,
        count(*) FILTER (was_shown), count(*) FILTER (was_shown AND was_clicked),
        sum(plays_count)::BIGINT, sum(long_plays_count)::BIGINT,
        count(*) FILTER (was_shown AND was_saved)
    FROM of_track GROUP BY ALL ORDER BY ALL
"""  # noqa: S608  a number of the code's own


def online_metrics(tables: Tables) -> list[OnlineMetric]:
    """Sum up the table ``feedback``, by release and place.

    A track counts as shown once for each listener, and as clicked or saved only where it was shown: so the
    rates are shares. A play counts each time.

    Args:
        tables: The store's tables.

    Returns:
        One metric a release and place, in the order of their names.
    """
    with tables.engine({"events": (FEEDBACK, tables.current(FEEDBACK))}) as engine:
        return [_metric(row) for row in engine.sql(_RECEIVED).fetchall()]


def _metric(row: Sequence[Any]) -> OnlineMetric:
    release, shown_in, shown, clicked, plays, long_plays, saved = row
    return OnlineMetric(
        release=release,
        shown_in=shown_in,
        impressions_count=shown,
        clicks_count=clicked,
        plays_count=plays,
        long_plays_count=long_plays,
        saves_count=saved,
        click_through_rate=clicked / shown if shown else None,
        long_play_rate=long_plays / plays if plays else None,
        save_rate=saved / shown if shown else None,
    )


def keep_metrics(objects: Objects, metrics: Iterable[OnlineMetric]) -> None:
    """Write the metrics into the store, in place of those of before; no listener is named in them."""
    objects.put(METRICS_KEY, orjson.dumps([asdict(metric) for metric in metrics]))
