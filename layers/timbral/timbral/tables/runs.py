"""What ran, when, on what, and how it ended."""

from __future__ import annotations

from timbral.tables.columns import LAST_UTS
from timbral.tables.declaration import Column, Table

STATUSES = ("started", "done", "failed")
LONGEST_NOTES = 10_000


def _at_ms(name: str, meaning: str) -> Column:
    return Column(name, "int64", meaning, minimum=0, maximum=LAST_UTS * 1_000)


def _count(name: str, meaning: str) -> Column:
    return Column(name, "int64", meaning, minimum=0)


JOB_LOG = Table(
    name="job_log",
    stage="runs",
    meaning="Every attempt at every step of every run, from its start on; it names no listener.",
    columns=(
        Column("run_id", "string", "What one event set off, across functions and jobs.", longest=200),
        Column("step", "string", "What was done, unique within the run.", longest=200),
        Column("attempt", "int64", "How often it had been tried before.", minimum=0),
        Column(
            "status", "string", "started without an end is an attempt that was cut off.", choices=STATUSES
        ),
        Column("worker", "string", "The function, job or command that did it.", longest=200),
        Column("log_stream", "string", "Where its own log lies.", required=False, longest=500),
        _at_ms("started_at_ms", "When it began, in Unix milliseconds."),
        _at_ms("at_ms", "When this row was written, in Unix milliseconds."),
        Column("elapsed_ms", "int64", "How long it took so far.", minimum=0),
        Column("peak_memory_mb", "float64", "The process's highest memory so far.", minimum=0),
        _count("rows_count", "Rows in its output."),
        _count("computed_count", "Rows that had to be computed."),
        _count("reused_count", "Rows that were as before: hits of the cache."),
        _count("quarantined_count", "Rows set aside."),
        Column("inputs", "list<string>", "Snapshots that it was told to read, as table@snapshot."),
        Column("outputs", "list<string>", "Snapshots that it published, as table@snapshot."),
        Column("notes", "string", "What else is to be known, as JSON.", longest=LONGEST_NOTES),
        Column("error", "string", "Class of the error that ended it.", required=False, longest=200),
    ),
    key=("run_id", "step", "attempt"),
    mode="append",
    provenance="timbral",
    order="at_ms",
)
