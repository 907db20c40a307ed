"""How far the catalogue's tags have moved since a model learned from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from timbral.tables.features import TRACK_FEATURE_VIEW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from timbral.stage import Pins
    from timbral.store.tables import Tables

TRACKED_TAGS: Final = 500
REST: Final = ""
"""Stands for all tags beyond the heaviest `TRACKED_TAGS`; no tag is empty."""
MOST_DRIFT: Final = 0.05


def tag_distribution(weights: Mapping[str, float]) -> dict[str, float]:
    """Reduce a catalogue's tag weights to a distribution that fits into a manifest.

    Args:
        weights: ``{tag: sum of its shares over all tracks}``.

    Returns:
        ``{tag: share}`` of the heaviest tags, ties by name, and `REST` for the others; sums to 1, to six
        decimals. Empty if there are no tags.
    """
    total = sum(weights.values())
    if total <= 0:
        return {}
    heaviest = sorted(weights, key=lambda tag: (-weights[tag], tag))[:TRACKED_TAGS]
    shares = {tag: round(weights[tag] / total, 6) for tag in heaviest}
    return shares | {REST: round(max(0.0, 1.0 - sum(shares.values())), 6)}


def read_tag_shares(tables: Tables, pins: Pins) -> dict[str, float]:
    """Return a catalogue's tag distribution.

    Args:
        tables: The store.
        pins: Snapshot of ``track_feature_view``.
    """
    query = """
    SELECT tag, sum(round(share * 1e6)::BIGINT)::BIGINT
    FROM (SELECT unnest(tags) AS tag, unnest(tag_shares) AS share FROM view)
    GROUP BY tag
    """  # whole numbers, so that the order of summing doesn't show
    with tables.engine({"view": (TRACK_FEATURE_VIEW, pins[TRACK_FEATURE_VIEW.name])}) as engine:
        weights = {tag: float(weight) for tag, weight in engine.sql(query).fetchall()}
    return tag_distribution(weights)


def total_variation(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Return half the sum of absolute differences: the weight that would have to move, 0 to 1.

    Nothing against something is 1, nothing against nothing 0.
    """
    if not one or not other:
        return float(bool(one) != bool(other))
    names = sorted({*one, *other})
    return 0.5 * sum(abs(one.get(name, 0.0) - other.get(name, 0.0)) for name in names)
