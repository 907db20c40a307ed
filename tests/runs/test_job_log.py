"""The log of runs: whoever does a step keeps a row of it, however it ends."""

import itertools

import orjson
import pytest

from timbral.errors import NotFound, StoreError
from timbral.flow import Step, run_steps
from timbral.job_log import JobLog, Worker
from timbral.progress import Silent
from timbral.stage import STAGES, StageResult
from timbral.store.snapshots import Snapshot
from timbral.tables.raw import USER_SCROBBLES_RAW
from timbral.tables.runs import JOB_LOG


def log_of(tables, run_id="night", attempt=0, every_ms=500):
    ticks = itertools.count(1_000, every_ms)
    worker = Worker("core_map_tracks", "2026/01/01/[7]abc")
    return JobLog(
        tables, run_id, worker, clock_ms=lambda: next(ticks), memory_mb=lambda: 12.5, attempt=attempt
    )


def rows(tables):
    return tables.read(JOB_LOG, tables.current(JOB_LOG)).to_pylist()


def test_a_step_that_ended_well_is_one_row(tables):
    snapshot = Snapshot(USER_SCROBBLES_RAW.name, ())
    result = StageResult({snapshot.table: snapshot}, 9, 4, 5, {"artist is empty": 2}, {"texts": 3})

    with log_of(tables).step("core") as outcome:
        outcome.inputs = {"user_tracks_raw": "0" * 32}
        outcome.of_stage(result)

    (row,) = rows(tables)
    assert (row["run_id"], row["step"], row["status"], row["attempt"]) == ("night", "core", "done", 0)
    assert (row["started_at_ms"], row["elapsed_ms"], row["peak_memory_mb"]) == (1_000, 1_000, 12.5)
    assert [row[f"{name}_count"] for name in ("rows", "computed", "reused", "quarantined")] == [9, 4, 5, 2]
    assert row["inputs"] == [f"user_tracks_raw@{'0' * 32}"]
    assert row["outputs"] == [f"user_scrobbles_raw@{snapshot.id}"]
    assert orjson.loads(row["notes"]) == {"texts": 3}


def test_a_step_that_failed_is_a_row_with_its_error_and_the_error_goes_on(tables):
    with pytest.raises(NotFound), log_of(tables).step("core"):
        raise NotFound("no such snapshot")

    (row,) = rows(tables)
    assert (row["status"], row["error"]) == ("failed", "NotFound")


def test_a_step_that_was_cut_off_has_begun_and_never_ended(tables):
    step = log_of(tables).step("core")
    step.__enter__()

    assert [row["status"] for row in rows(tables)] == ["started"]


def test_every_attempt_has_a_row_of_its_own(tables):
    with pytest.raises(StoreError), log_of(tables).step("core"):
        raise StoreError("no space")
    with log_of(tables, attempt=1).step("core"):
        pass

    assert [(row["attempt"], row["status"]) for row in rows(tables)] == [(0, "failed"), (1, "done")]


def test_a_log_that_cannot_be_written_does_not_hide_what_went_wrong(folder_tables, monkeypatch):
    log = log_of(folder_tables)

    def refuse(*_rest):
        raise StoreError("the log can't be written")

    step = log.step("core")
    step.__enter__()
    monkeypatch.setattr(folder_tables, "append", refuse)
    error = NotFound("no such snapshot")

    assert step.__exit__(NotFound, error, None) is False


def test_notes_that_are_too_long_do_not_break_the_row(folder_tables):
    with log_of(folder_tables).step("core") as outcome:
        outcome.notes = {"faults": "x" * 20_000}

    assert rows(folder_tables)[0]["notes"] == '{"too_long": true}'


def test_a_run_keeps_a_row_for_every_step(folder_tables):
    steps = [Step(stage, lambda _pins, _progress: StageResult({}, 1, 1)) for stage in STAGES[:-1]]

    run_steps(
        steps,
        Silent(),
        clock_s=lambda: 0.0,
        memory_mb=lambda: 0.0,
        report=lambda _: None,
        log=log_of(folder_tables),
    )

    by_start = sorted(rows(folder_tables), key=lambda row: row["started_at_ms"])
    assert [row["step"] for row in by_start] == list(STAGES[:-1])
    assert {row["status"] for row in by_start} == {"done"}


def test_a_compacted_log_says_the_same(folder_tables):
    for number in range(3):
        with log_of(folder_tables, run_id=f"night {number}").step("core"):
            pass
    before = rows(folder_tables)

    folder_tables.compact(JOB_LOG)

    assert rows(folder_tables) == before
