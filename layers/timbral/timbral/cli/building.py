"""Commands that take input in and build from it."""

from __future__ import annotations

import os
import time
from dataclasses import asdict
from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

from timbral.cli.context import context_of
from timbral.cli.output import shown
from timbral.cli.watching import watching

if TYPE_CHECKING:
    from timbral.cli.output import Output
    from timbral.flow import StepReport
    from timbral.raw.report import FileReport

_IMPORT_COLUMNS = (
    "name",
    "format",
    "rows_read",
    "rows_kept",
    "duplicates",
    "set_aside",
    "listeners_count",
    "seconds",
    "rows_per_second",
    "news",
)
_REPORT_COLUMNS = (
    "stage",
    "work",
    "rows",
    "computed",
    "reused",
    "seconds",
    "rows_per_second",
    "peak_mb",
    "notes",
)


def import_(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Files or folders, of any known format.")
    ],
    listener: Annotated[
        str | None, typer.Option(help="Who listened, where a file doesn't say; its name if not given.")
    ] = None,
) -> None:
    """Take listening history, tags, albums, reviews or audio features into the store."""
    from timbral.raw.importing import import_path

    own = context_of(context)
    with watching(as_json=own.output.as_json) as progress:
        reports = [
            import_path(
                own.services.tables,
                path,
                listener=listener,
                progress=progress,
                now_uts=int(time.time()),
                clock_s=time.monotonic,
            )
            for path in paths
        ]
    rows = [_import_row(file) for report in reports for file in report.files]
    own.output.rows("imported", rows, _IMPORT_COLUMNS)
    for report in reports:
        for fault in report.faults:
            own.output.warn(fault)


def _import_row(file: FileReport) -> dict[str, Any]:
    found = asdict(file)
    return found | {
        "name": file.file.rsplit("/", 1)[-1],
        "set_aside": sum(file.quarantined.values()),
        "rows_per_second": round(file.rows_read / file.seconds)
        if file.seconds and not file.was_known
        else None,
        "news": "taken in before: nothing to do" if file.was_known else "",
    }


def run(context: typer.Context) -> None:
    """Run the flow: raw → core → tags → features → embeddings → mood → vectors → recommender."""
    from timbral.flow import run_steps
    from timbral.wiring import peak_memory_mb

    own = context_of(context)

    def say(report: StepReport) -> None:
        if own.output.as_json:
            own.output.document(asdict(report) | {"had_work": report.had_work, "rate": report.rate})

    log = own.services.job_log(f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}")
    with watching(as_json=own.output.as_json) as progress:
        reports = run_steps(
            own.services.stages.steps(),
            progress,
            clock_s=time.monotonic,
            memory_mb=peak_memory_mb,
            report=say,
            log=log,
        )
    if not own.output.as_json:
        own.output.rows("run", [_report_row(report) for report in reports], _REPORT_COLUMNS)
        _say_outcome(own.output, reports)


def _report_row(report: StepReport) -> dict[str, Any]:
    return {
        "stage": report.stage,
        "work": "done" if report.had_work else "nothing to do",
        "rows": report.rows_count,
        "computed": report.computed_count,
        "reused": report.reused_count,
        "seconds": round(report.elapsed_s, 2),
        "rows_per_second": round(report.rate),
        "peak_mb": round(report.peak_memory_mb),
        "notes": "; ".join(
            f"{name}: {shown(value)}" for name, value in report.notes.items() if name != "decision" and value
        ),
    }


def _say_outcome(output: Output, reports: list[StepReport]) -> None:
    if not any(report.had_work for report in reports):
        output.say("Nothing has changed since the last run: nothing was computed.")
    notes = reports[-1].notes
    verb = "is served" if notes["served"] else "is not served"
    output.say(f"Release {notes['release']} {verb}: {notes['decision']['reason']}.")
    set_aside = sum(sum(report.quarantined.values()) for report in reports)
    if set_aside:
        output.say(f"{set_aside:,} rows were set aside; `timbral quarantine` shows why.")


def sample(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where to write the files.")],
    seed: Annotated[int, typer.Option(help="Another seed gives other listeners.")] = 7,
) -> None:
    """Write the sample world as files, in the formats that people have them in."""
    from timbral.sample.files import write_sample_files

    own = context_of(context)
    folder.mkdir(parents=True, exist_ok=True)
    paths = write_sample_files(folder, seed, now_uts=int(time.time()))
    own.output.rows("written", [{"file": str(path), "bytes": path.stat().st_size} for path in paths])
