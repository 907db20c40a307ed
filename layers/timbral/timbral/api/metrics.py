"""How recommendations are received: click-through, long plays, saves, by carousel and release."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from timbral.store.objects import Objects

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


def online_metrics(events: Iterable[Mapping[str, Any]]) -> list[OnlineMetric]:
    """Sum events up, by release and place.

    A track counts as shown once for each listener, and as clicked or saved only where it was shown: so the
    rates are shares. A play counts each time.

    Args:
        events: Rows of the table ``feedback``, each event once, in any order.

    Returns:
        One metric a release and place, in the order of their names.
    """
    tracks: dict[tuple[str, str], dict[str, set[tuple[str, str]]]] = defaultdict(lambda: defaultdict(set))
    plays: dict[tuple[str, str], list[float]] = defaultdict(list)
    for event in events:
        place = (event["release"] or "", event["shown_in"])
        tracks[place][event["kind"]].add((event["listener_id"], event["track_id"]))
        if event["kind"] == "play":
            plays[place].append(event["played_s"] or 0)
    return [_metric(place, tracks[place], plays[place]) for place in sorted(tracks)]


def _metric(
    place: tuple[str, str], tracks: Mapping[str, set[tuple[str, str]]], plays: list[float]
) -> OnlineMetric:
    shown = tracks.get("impression", set())
    clicked, saved = (tracks.get(kind, set()) & shown for kind in ("click", "save"))
    long_count = sum(played_s > LONG_PLAY_S for played_s in plays)
    return OnlineMetric(
        release=place[0],
        shown_in=place[1],
        impressions_count=len(shown),
        clicks_count=len(clicked),
        plays_count=len(plays),
        long_plays_count=long_count,
        saves_count=len(saved),
        click_through_rate=len(clicked) / len(shown) if shown else None,
        long_play_rate=long_count / len(plays) if plays else None,
        save_rate=len(saved) / len(shown) if shown else None,
    )


def keep_metrics(objects: Objects, metrics: Iterable[OnlineMetric]) -> None:
    """Write the metrics into the store, in place of those of before; no listener is named in them."""
    objects.put(METRICS_KEY, orjson.dumps([asdict(metric) for metric in metrics]))
