"""The daily look: what it sees, what it says, and what it leaves behind."""

import datetime as dt

import pytest

from timbral.job_log import JobLog, Worker
from timbral.operations.watch import LISTINGS, Sight, count_failures, look, tidy_up, vacuum_store
from timbral.settings import Settings
from timbral.store.releases import Manifest
from timbral.tables.runs import JOB_LOG
from timbral.wiring import Services

DAY_S = 24 * 3_600
NOW_UTS = 1_700_000_000


@pytest.fixture
def services(tmp_path):
    return Services(Settings(store_root=str(tmp_path / "store")))


def attempt(status, age_s, step="any"):
    own = f"{step} {status} {age_s}" if step == "any" else step
    return {"run_id": "night", "step": own, "status": status, "at_ms": (NOW_UTS - age_s) * 1_000}


def test_failures_of_a_day_and_what_was_cut_off_the_day_before_are_counted():
    rows = [
        attempt("failed", 60),
        attempt("failed", 2 * DAY_S),
        attempt("done", 60),
        attempt("started", 60),
        attempt("started", DAY_S + 60),
        attempt("started", 3 * DAY_S),
    ]

    assert count_failures(rows, NOW_UTS) == (1, 1)


def test_an_attempt_that_was_cut_off_doesn_t_count_if_a_later_one_was_done():
    rows = [attempt("started", DAY_S + 60, "recommender"), attempt("done", DAY_S + 30, "recommender")]

    assert count_failures(rows, NOW_UTS) == (0, 0)


@pytest.mark.parametrize(("drift", "retrains"), [(None, False), (0.05, False), (0.051, True)])
def test_moods_are_learned_anew_when_tags_have_drifted(drift, retrains):
    assert Sight(1.0, drift, 0, 0).retrain_mood is retrains


def test_a_store_with_nothing_in_it_has_no_age_and_no_drift(services):
    seen = look(services, NOW_UTS)

    assert seen.gauges == {"failed_count": 0.0, "cut_off_count": 0.0}


def test_the_age_is_that_of_the_served_release(services):
    manifest = Manifest("r1", "b1", {}, {}, decision={"promote": True}, built_at_uts=NOW_UTS - 7_200)
    services.releases.serve(services.releases.register(manifest))

    assert look(services, NOW_UTS).release_age_hours == 2.0


def test_the_log_is_compacted_and_listed(services):
    for number in range(40):
        log = JobLog(
            services.tables, f"run {number}", Worker("w"), clock_ms=lambda: NOW_UTS, memory_mb=lambda: 1.0
        )
        with log.step("core"):
            pass

    counts = tidy_up(services)

    assert counts["job_log"] == len(services.tables.current(JOB_LOG).parts) == 1
    listed = services.objects.get(f"{LISTINGS}/job_log/files.txt").decode().splitlines()
    assert listed == [f"{services.objects.root}/{services.tables.current(JOB_LOG).parts[0].key}"]


def built(services, name, built_at_uts, promote=True):
    """Register a release of one file, and serve it if it may be."""
    services.objects.put(f"releases/{name}/b/listeners.arrow", b"rows")
    decision = {"promote": promote}
    manifest = Manifest(name, "b", {}, {}, decision=decision, built_at_uts=built_at_uts)
    services.releases.serve(services.releases.register(manifest))


def test_old_releases_go_but_for_those_to_go_back_to_and_the_newest(services):
    for number in range(7):
        built(services, f"r{number}", NOW_UTS + number)
    built(services, "refused", NOW_UTS + 9, promote=False)
    services.objects.put("releases/r6/second/listeners.arrow", b"rows")
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=8)

    deleted = vacuum_store(services, later, dt.timedelta(days=7))

    assert [found.release for found in services.releases.list()] == ["refused", "r6", "r5", "r4", "r3"]
    assert deleted == {"releases": 2 * 3 + 1}
    assert not services.objects.exists("releases/r6/second/listeners.arrow")
    assert services.objects.exists("releases/r6/b/listeners.arrow")
    assert services.releases.rollback().release == "r5"


def test_what_is_young_is_spared(services):
    for number in range(7):
        built(services, f"r{number}", NOW_UTS + number)

    assert vacuum_store(services, dt.datetime.now(dt.UTC), dt.timedelta(days=7)) == {}
