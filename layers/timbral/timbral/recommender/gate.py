"""Whether a release may be served: the evaluation's right to say no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVED_MODEL = "fused"
METRIC = "ndcg@10"
LEAST_FIT = 0.6
"""Share of unheard tracks that a listener's own tracks must outrank; chance gives 0.5."""


def decide(metrics: Mapping[str, Any], fit: float | None, served: Mapping[str, Any] | None) -> dict[str, Any]:
    """Decide on a release.

    It is refused if the factors that would be served don't even know the plays they were trained on, or if
    the accuracy of the same models on hidden plays is worse than the served release's beyond its interval.

    Args:
        metrics: The evaluation on hidden plays, as `Report.to_json` gives it; empty if there were too few.
        fit: Mean share of unheard tracks that listeners' own tracks outrank under the served factors, 0..1;
            None if nobody has played anything.
        served: The metrics of the release that is served now; None if there is none.

    Returns:
        ``promote``, ``reason`` and the numbers behind them.
    """
    numbers: dict[str, Any] = {"fit": fit}
    if fit is not None and fit < LEAST_FIT:
        return {
            "promote": False,
            "reason": f"its factors fit their own plays at {fit:.2f}, below {LEAST_FIT}",
            **numbers,
        }
    new, old = _figure(metrics), _figure(served or {})
    if new is None or old is None:
        reason = "there is no served release to compare with" if new else "too few plays to evaluate on"
        return {"promote": True, "reason": reason, **numbers}
    numbers |= {METRIC: new[0], "interval": list(new[1]), "served": old[0], "served_interval": list(old[1])}
    if new[1][1] < old[1][0]:
        reason = f"{METRIC} {new[0]:.3f} is worse than the served release's {old[0]:.3f} beyond the intervals"
        return {"promote": False, "reason": reason, **numbers}
    return {"promote": True, "reason": f"{METRIC} is not worse than the served release's", **numbers}


def _figure(metrics: Mapping[str, Any]) -> tuple[float, tuple[float, float]] | None:
    found = metrics.get("models", {}).get(SERVED_MODEL)
    if not found or METRIC not in found.get("intervals", {}):
        return None
    low, high = found["intervals"][METRIC]
    return float(found[METRIC]), (float(low), float(high))
