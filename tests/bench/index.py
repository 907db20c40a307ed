"""What the vector index finds of what an exact search finds, and what it costs, with and without filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench.measuring import side_by_side
from tests.bench.release import FIRST_YEAR, YEARS_COUNT
from timbral.recommender.release.rows import passing
from timbral.recommender.release.view import TrackFilter

if TYPE_CHECKING:
    from timbral.recommender.release.opened import OpenRelease

NEAR = 10
BLUR = 0.3
QUARTER = TrackFilter(year_from=FIRST_YEAR, year_to=FIRST_YEAR + YEARS_COUNT // 4 - 1)
FILTERS = {"all": TrackFilter(), "1 % (a genre)": TrackFilter(genres=("genre 3",)), "25 % (years)": QUARTER}


def measure_index(view: OpenRelease, turns: int) -> list[dict[str, Any]]:
    """Ask for the ten and for the two hundred nearest to points near tracks."""
    random = np.random.default_rng(1)
    at = random.integers(0, view.tracks_count, turns + 50)
    points = view.vectors(at) + BLUR * random.normal(size=(len(at), 256)).astype(np.float32) / 16
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    everything = view.vectors(np.arange(view.tracks_count))
    rows = []
    for name, only in FILTERS.items():
        allowed = passing(view.columns(), only)
        for count in (NEAR, 200):
            found: dict[int, set[int]] = {}
            exact: dict[int, set[int]] = {}

            def ask(turn: int, only: TrackFilter = only, count: int = count, found: Any = found) -> None:
                near = view.near(points[turn], count, only)
                order = np.argsort(-np.vecdot(view.vectors(near), points[turn]))
                found[turn] = set(near[order[:NEAR]].tolist())

            def scan(turn: int, allowed: Any = allowed, exact: Any = exact) -> None:
                cosines = everything @ points[turn]
                if allowed is not None:
                    cosines[~allowed] = -np.inf
                exact[turn] = set(np.argpartition(-cosines, NEAR)[:NEAR].tolist())

            index, whole = side_by_side([ask, scan], turns)
            recall = np.mean([len(found[turn] & exact[turn]) / NEAR for turn in found])
            rows.append(
                {**index.row(f"{count} nearest, {name}"), "recall@10": float(recall)}
                | {"exact cpu p50 ms": float(np.median(whole.cpu_ms))}
            )
    return rows
