"""``python -m tests.dashboards``: both dashboards drawn from runs on this machine, by their own definitions.

The flow runs a few times over the sample world, with plays added in between; its listeners ask the API and
answer with events that are drawn by chance. What CloudWatch would be told is taken from the job log and the
answers' times; what Athena would be asked is asked of DuckDB, by the dashboard's own queries.
"""

from __future__ import annotations

import json
import random
import re
import time
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from fastapi.testclient import TestClient
from matplotlib.figure import Figure

from tests.deployment import REPOSITORY, template
from timbral.flow import run_steps
from timbral.operations import upkeep
from timbral.progress import Silent
from timbral.raw.importing import import_path
from timbral.sample.files import write_sample_files
from timbral.settings import Settings
from timbral.tables.api import FEEDBACK
from timbral.tables.runs import JOB_LOG
from timbral.wiring import Services, peak_memory_mb

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

PLACE = REPOSITORY / "infra" / "dashboards"
RUNS_COUNT = 5
STARTED_S = time.time()
LISTENERS_COUNT = 40
STATISTICS = {"p50": 0.50, "p95": 0.95}
Series = dict[str, list[tuple[float, float]]]


def main() -> None:
    """Run, measure and draw."""
    services = Services(Settings(store_root=str(REPOSITORY / "build" / "dashboards"), als_factors_count=32))
    told: Series = {}
    for number in range(RUNS_COUNT):
        add_plays(services, number)
        run = services.job_log(f"night-{number}", worker="timbral run")
        run_steps(
            services.stages.steps(),
            Silent(),
            clock_s=time.monotonic,
            memory_mb=peak_memory_mb,
            report=lambda _: None,
            log=run,
        )
        told.setdefault("AWS/States ExecutionsSucceeded", []).append((time.time(), 1.0))
        ask(services, told)
        seen = upkeep.monitor_releases(services, {"run": f"morning-{number}"})["report"]["gauges"]
        for name, value in seen.items():
            told.setdefault(f"Timbral {name} recommender", []).append((time.time(), value))
    told |= from_log(rows(services, "SELECT * FROM job_log WHERE status <> 'started'"))
    draw_cloudwatch(told, PLACE / "cloudwatch.png")
    draw_grafana(services, told, PLACE / "grafana.png")


def add_plays(services: Services, number: int) -> None:
    """Take in the sample world, and later a few plays more."""
    folder = REPOSITORY / "build" / "dashboards-files"
    now_uts = int(time.time())
    if number:
        folder.mkdir(parents=True, exist_ok=True)
        more = folder / f"more-{number}.csv"
        lines = [f"ada,Artist {number},Song {index},{now_uts - index}" for index in range(20 * number)]
        more.write_text("\n".join(["listener,artist,track,uts", *lines, ""]))
        paths = [more]
    else:
        paths = write_sample_files(folder, now_uts=now_uts, listeners_count=LISTENERS_COUNT)
    for path in paths:
        take = {"progress": Silent(), "now_uts": now_uts, "clock_s": time.monotonic}
        import_path(services.tables, path, listener=path.stem, **take)


def ask(services: Services, told: Series) -> None:
    """Let listeners ask for their home pages, and do something with what they see."""
    chance, seen = random.Random(7), []
    here = {"base_url": "http://127.0.0.1", "client": ("127.0.0.1", 50_000)}
    with TestClient(services.serving.app(development=True), **here) as client:
        for name in ["ada", "bea", "nobody", "ada", "chiara", "dmitri"] * 8:
            began_s = time.perf_counter()
            answer = client.get("/recs/home", headers={"authorization": f"Bearer dev:{name}"})
            latency_ms = 1_000 * (time.perf_counter() - began_s)
            kind = {2: "", 4: "4xx", 5: "5xx"}[answer.status_code // 100]
            for metric, value in (("Count", 1.0), ("Latency", latency_ms), *([(kind, 1.0)] if kind else [])):
                told.setdefault(f"AWS/ApiGateway {metric}", []).append((time.time(), value))
            for carousel in answer.json().get("carousels", []):
                shown = [track["track_id"] for track in carousel.get("tracks", [])]
                seen += [(name, str(carousel["carousel"]), track) for track in shown]
    keep_feedback(services, seen, chance)


def keep_feedback(services: Services, seen: list[tuple[str, str, str]], chance: random.Random) -> None:
    """Keep what listeners did: an impression each, and now and then more."""
    now_uts, done = int(time.time()), []
    places = FEEDBACK.column("shown_in").choices
    for number, (listener, place, track) in enumerate(seen):
        kinds = ["impression", *(kind for kind, odds in ODDS.items() if chance.random() < odds)]
        done += [
            {
                "listener_id": listener,
                "event_id": f"{now_uts}-{number}-{kind}",
                "kind": kind,
                "track_id": track,
                "at_uts": now_uts,
                "shown_in": place if place in places else "elsewhere",
                "observed_at_uts": now_uts,
            }
            for kind in kinds
        ]
    if done:
        services.tables.append(FEEDBACK, pa.Table.from_pylist(done), f"simulated-{now_uts}")


ODDS = {"click": 0.12, "skip": 0.05, "like": 0.03}


def rows(services: Services, query: str) -> list[dict[str, Any]]:
    """Ask the store as Athena would be asked."""
    found = {table.name: (table, services.tables.current(table)) for table in (JOB_LOG, FEEDBACK)}
    with services.tables.engine(found, latest=False) as engine:
        return answer(engine, query)


def answer(engine: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    """Run one of the dashboard's queries; Grafana's macro for the time span lets everything through."""
    engine.execute("CREATE OR REPLACE TEMP MACRO from_unixtime(seconds) AS to_timestamp(seconds)")
    text = re.sub(r"\$__timeFilter\([^()]*\([^()]*\)\)", "true", query)
    return engine.sql(text).to_arrow_table().to_pylist()


def from_log(found: list[dict[str, Any]]) -> Series:
    """Return what functions would have told CloudWatch of the steps."""
    told: Series = {}
    for row in sorted(found, key=lambda row: row["at_ms"]):
        for name in ("rows_count", "computed_count", "reused_count", "quarantined_count", "elapsed_ms"):
            point = (row["at_ms"] / 1_000, float(row[name]))
            told.setdefault(f"Timbral {name} {row['step']}", []).append(point)
    return told


def series_of(told: Series, namespace: str, metric: str, step: str) -> list[tuple[float, float]]:
    """Return one metric's points; Timbral's own have the dimension step."""
    return told.get(f"{namespace} {metric}" + (f" {step}" if namespace == "Timbral" else ""), [])


def plot(axes: Any, points: list[tuple[float, float]], statistic: str, label: str) -> None:
    """Draw a metric, a point for every five seconds that have any."""
    periods: dict[int, list[float]] = {}
    for at_s, value in points:
        periods.setdefault(5 * int((at_s - STARTED_S) // 5), []).append(value)
    values = [_statistic(sorted(periods[period]), statistic) for period in sorted(periods)]
    axes.plot(sorted(periods), values, marker="o", markersize=3, label=label)


def _statistic(values: list[float], statistic: str) -> float:
    if statistic in STATISTICS:
        return values[min(len(values) - 1, int(STATISTICS[statistic] * len(values)))]
    return sum(values) if statistic == "Sum" else values[-1]


def draw_cloudwatch(told: Series, path: Path) -> None:
    """Draw the dashboard of the template."""
    found = template("infra/alarms.yaml")["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
    widgets = json.loads(found["Fn::Sub"])["widgets"]
    figure = Figure(figsize=(16, 15))
    for widget in widgets:
        axes = place(figure, *(widget[key] for key in ("x", "y", "width", "height")), rows_count=24)
        given = widget["properties"]
        for metric in given["metrics"]:
            options = metric[-1] if isinstance(metric[-1], dict) else {}
            step = metric[metric.index("step") + 1] if "step" in metric else ""
            points = series_of(told, metric[0], metric[1], step)
            plot(axes, points, options.get("stat", given["stat"]), options.get("label", metric[1]))
        for line in given.get("annotations", {}).get("horizontal", []):
            axes.axhline(line["value"], linestyle="--", linewidth=1, color="tab:red", label=line["label"])
        finish(axes, given["title"])
    figure.savefig(path, dpi=70)


def place(figure: Figure, x: int, y: int, width: int, height: int, *, rows_count: int) -> Any:
    """Give a panel its place: both dashboards have 24 columns."""
    left, bottom = x / 24 + 0.035, 1 - (y + height) / rows_count + 0.025
    return figure.add_axes((left, bottom, width / 24 - 0.05, height / rows_count - 0.05))


def draw_grafana(services: Services, told: Series, path: Path) -> None:
    """Draw Grafana's dashboard."""
    figure = Figure(figsize=(16, 18))
    panels = json.loads((PLACE / "grafana.json").read_text())["panels"]
    for panel in panels:
        axes = place(figure, *(panel["gridPos"][key] for key in "xywh"), rows_count=33)
        if "rawSQL" in panel["targets"][0]:
            draw_answer(axes, panel["type"], rows(services, panel["targets"][0]["rawSQL"]))
        for target in (one for one in panel["targets"] if "namespace" in one):
            step = target["dimensions"].get("step", [""])[0]
            points = series_of(told, target["namespace"], target["metricName"], step)
            plot(axes, points, target["statistic"], target["label"])
        finish(axes, panel["title"])
    figure.savefig(path, dpi=70)


def draw_answer(axes: Any, kind: str, found: list[dict[str, Any]]) -> None:
    """Draw a query's rows: a table, bars by the first column, or lines by the column metric."""
    if kind == "table":
        shown = [[_shown(value) for value in row.values()] for row in found[:12]]
        axes.axis("off")
        if shown:
            axes.table(shown, colLabels=list(found[0]), bbox=(0, 0, 1, 1))
    elif kind == "barchart":
        names, bottom = [str(next(iter(row.values()))) for row in found], [0.0] * len(found)
        for column in list(found[0])[1:] if found else []:
            values = [float(row[column] or 0) for row in found]
            axes.bar(names, values, bottom=bottom, label=column)
            bottom = [low + value for low, value in zip(bottom, values, strict=True)]
        axes.tick_params(axis="x", labelrotation=20)
    else:
        lines: Series = {}
        for row in found:
            lines.setdefault(row["metric"], []).append((row["time"].timestamp(), float(row["value"])))
        for name, points in lines.items():
            plot(axes, points, "Maximum", name)


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.1f}"
    return "" if value is None else str(value)[:23]


def finish(axes: Any, title: str) -> None:
    """Give a panel its title, and a legend if it has any line."""
    axes.set_title(title, loc="left", fontsize=10)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=7, ncols=2)
        axes.grid(alpha=0.3)
        axes.set_xlabel("seconds since the first run" if axes.lines else "", fontsize=7)


if __name__ == "__main__":
    main()
