"""What the figures should be, beside what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST = "at most"
LEAST = "at least"
TARGETS: tuple[tuple[str, str, str, float], ...] = (
    ("/recs/home", "cpu p95 ms", MOST, 40),
    ("/recs/track", "times", MOST, 1.5),
    ("/playlists/autofill", "cpu p95 ms", MOST, 60),
    ("/search", "times", MOST, 1.3),
    ("10 nearest, all", "recall@10", LEAST, 0.98),
    ("10 nearest, 1 % (a genre)", "recall@10", LEAST, 0.95),
    ("10 nearest, 25 % (years)", "recall@10", LEAST, 0.95),
    ("first answer of /healthz", "cpu p50 ms", MOST, 600),
    ("first answer of /recs/home", "cpu p50 ms", MOST, 1_500),
    ("load", "not 200", MOST, 0),
    ("load", "growth MB", MOST, 100),
)
"""Row, column, direction, bound; a route's ratio stands in the first row below it."""


def judged(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each target with what was measured; targets of what wasn't are left out."""
    found = {}
    for name, column, direction, bound in TARGETS:
        value = _value(rows, name, column)
        if value is not None:
            kept = value <= bound if direction == MOST else value >= bound
            found[name, column] = {
                "figure": f"{name}, {column}",
                "measured": value,
                "target": f"{direction} {bound:g}",
                "met": "yes" if kept else "no",
            }
    return list(found.values())


def _value(rows: Sequence[Mapping[str, Any]], name: str, column: str) -> float | None:
    for at, row in enumerate(rows):
        if row["what"] == name:
            owner = row if column in row or at + 1 == len(rows) else rows[at + 1]
            return float(owner[column]) if column in owner else None
    return None
