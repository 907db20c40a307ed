"""What an evaluation found, as numbers and as a picture."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Metrics = dict[str, float]

_KEPT = ("models", "repeats", "skipped")
PICTURED = ("ndcg@10", "recall@50", "precision@10")


@dataclass(frozen=True)
class Findings:
    """One model under one question.

    Attributes:
        metrics: Means over listeners, by metric.
        intervals: 95 % bootstrap intervals of those that are means over listeners.
        groups: Accuracy by how mainstream listeners are: ``niche``, ``middle``, ``mainstream``.
    """

    metrics: Metrics
    intervals: dict[str, tuple[float, float]]
    groups: dict[str, Metrics]

    def to_json(self) -> dict[str, Any]:
        """Return plain values, metrics at the top."""
        intervals = {name: list(ends) for name, ends in self.intervals.items()}
        return {**self.metrics, "intervals": intervals, "groups": self.groups}


def findings_bytes(
    models: Mapping[str, Findings], repeats: Mapping[str, Findings], skipped: Mapping[str, str]
) -> bytes:
    """Write the findings of an unfinished report down."""
    plain = ({name: asdict(found) for name, found in part.items()} for part in (models, repeats))
    return json.dumps(dict(zip(_KEPT, (*plain, dict(skipped)), strict=True))).encode()


def read_findings(
    data: bytes | None,
) -> tuple[dict[str, Findings], dict[str, Findings], dict[str, str]]:
    """Read what `findings_bytes` wrote; nothing from None."""
    kept = json.loads(data) if data else {key: {} for key in _KEPT}
    models, repeats = (
        {name: _read_findings(found) for name, found in kept[part].items()} for part in _KEPT[:2]
    )
    return models, repeats, dict(kept["skipped"])


def _read_findings(found: dict[str, Any]) -> Findings:
    intervals = {name: (low, high) for name, (low, high) in found["intervals"].items()}
    return Findings(found["metrics"], intervals, found["groups"])


@dataclass(frozen=True)
class Report:
    """A whole evaluation.

    Attributes:
        protocol: How plays were divided.
        seed: Of the division, the models and the intervals.
        listeners: How many were asked for something new.
        items: How many items were ranked.
        train_plays: Pairs of listener and item that models were fitted to.
        models: Findings for items new to the listener, by model.
        repeats: The same where items heard before count too; empty without times.
        skipped: Why a model isn't there.
        notes: The protocol's own figures.
    """

    protocol: str
    seed: int
    listeners: int
    items: int
    train_plays: int
    models: dict[str, Findings]
    repeats: dict[str, Findings] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return one object of plain values."""
        models = {name: found.to_json() for name, found in self.models.items()}
        for name, found in self.repeats.items():
            models[name]["repeats"] = found.to_json()
        return {
            "models": models,
            "protocol": self.protocol,
            "seed": self.seed,
            "listeners": self.listeners,
            "items": self.items,
            "train_plays": self.train_plays,
            "skipped": self.skipped,
            **self.notes,
        }


def report_picture(report: Report, path: Path) -> None:
    """Draw accuracy by model with its intervals as an image; the path's ending names the format.

    Where things heard before may count, a second row of bars shows them.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - only whoever wants a picture pays for it

    kinds = {"new only": report.models, "repeats allowed": report.repeats}
    drawn = {title: found for title, found in kinds.items() if found}
    height = (0.45 * len(report.models) + 0.8) * len(drawn) + 0.8
    figure = Figure(figsize=(3.6 * len(PICTURED), height), layout="constrained")
    grid = figure.subplots(len(drawn), len(PICTURED), squeeze=False)
    for row, (title, found) in zip(grid, drawn.items(), strict=True):
        for place, (axes, metric) in enumerate(zip(row, PICTURED, strict=True)):
            _bars(axes, found, metric)
            axes.set_title(metric if report.repeats == {} else f"{metric}, {title}", loc="left", fontsize=10)
            axes.tick_params(labelleft=place == 0)
    asked = f"{report.listeners:,} listeners, {report.items:,} items"
    figure.suptitle(
        f"{report.protocol}: {asked}, seed {report.seed}; whiskers span 95 % intervals", fontsize=10
    )
    figure.savefig(path, dpi=150)


def _bars(axes: Any, found: Mapping[str, Findings], metric: str) -> None:
    names = list(found)
    means = [found[name].metrics[metric] for name in names]
    ends = [found[name].intervals[metric] for name in names]
    # rounding may put a mean a hair outside its interval
    reach = [[max(m - low, 0) for m, (low, _) in zip(means, ends, strict=True)],
             [max(high - m, 0) for m, (_, high) in zip(means, ends, strict=True)]]  # fmt: skip
    colours = ["#b5482a" if name == "fused" else "#6d7f8b" for name in names]
    bars = axes.barh(names, means, xerr=reach, color=colours, ecolor="#222222", capsize=3)
    axes.bar_label(bars, labels=[f"{m:.3f}" for m in means], padding=4, fontsize=8)
    axes.margins(x=0.15)
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
