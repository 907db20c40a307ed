"""Imports: one at a time, seen by their listener alone, taken over from whoever was lost."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timbral.errors import Conflict, NotFound, TooSoon
from timbral.pulling.jobs import LOST_S, MOST_KEPT, REST_S, UNSENT_S, Job, Jobs, standing
from timbral.store.obstore_objects import open_objects

NOW_UTS = 1_700_000_000


@pytest.fixture
def jobs():
    return Jobs(open_objects("memory://"))


def running(account="rj", state="running", at_uts=NOW_UTS):
    return Job("0" * 32, "lastfm", account, state, at_uts, at_uts)


def test_a_second_question_is_answered_with_the_import_under_way(jobs):
    first = jobs.begin("ada", "lastfm", "rj", NOW_UTS)
    second = jobs.begin("ada", "lastfm", "rj", NOW_UTS + 1)

    assert (first[1], second[1]) == (True, False)
    assert first[0] == second[0]


def test_another_account_waits_for_the_one_under_way(jobs):
    jobs.begin("ada", "lastfm", "rj", NOW_UTS)

    with pytest.raises(Conflict, match="another account"):
        jobs.begin("ada", "lastfm", "other", NOW_UTS + 1)
    assert jobs.begin("bob", "lastfm", "other", NOW_UTS + 1)[1]


def test_an_import_is_its_own_listener_s_alone(jobs):
    job, _ = jobs.begin("ada", "lastfm", "rj", NOW_UTS)

    assert jobs.get("ada", job.job_id) == job
    with pytest.raises(NotFound):
        jobs.get("bob", job.job_id)


def test_what_was_never_sent_is_sent_again_once_a_minute(jobs):
    jobs.begin("ada", "lastfm", "rj", NOW_UTS)

    again = [jobs.begin("ada", "lastfm", "rj", NOW_UTS + UNSENT_S)[1] for _ in range(3)]

    assert again == [True, False, False]


def test_a_lost_worker_s_place_is_taken(jobs):
    job, _ = jobs.begin("ada", "lastfm", "rj", NOW_UTS)
    jobs.change("ada", job.job_id, NOW_UTS, state="running")

    other, is_new = jobs.begin("ada", "lastfm", "rj", NOW_UTS + LOST_S)

    assert is_new
    assert other.job_id != job.job_id


def test_an_account_that_was_just_asked_for_is_not_asked_for_again():
    done = running(state="done")

    assert standing([done], "lastfm", "rj", NOW_UTS + REST_S - 1) == done
    assert standing([done], "lastfm", "rj", NOW_UTS + REST_S) is None


@pytest.mark.parametrize("account", ["other", ""])
def test_accounts_and_tokens_cannot_be_tried_out_in_quick_succession(account):
    refused = running(state="refused")

    with pytest.raises(TooSoon) as raised:
        standing([refused], "lastfm", account, NOW_UTS + 10)
    assert raised.value.retry_after_s == REST_S - 10


def test_providers_do_not_wait_for_each_other():
    assert standing([running()], "spotify", "somebody", NOW_UTS) is None


def test_an_erased_listener_s_job_stays_gone(jobs):
    jobs.change("ada", "0" * 32, NOW_UTS, state="done")

    with pytest.raises(NotFound):
        jobs.get("ada", "0" * 32)


def test_old_imports_are_forgotten(jobs):
    first, _ = jobs.begin("ada", "lastfm", "rj", 0)
    for number in range(1, MOST_KEPT + 1):
        jobs.begin("ada", "lastfm", "rj", number * LOST_S)

    with pytest.raises(NotFound):
        jobs.get("ada", first.job_id)


@given(st.lists(st.tuples(st.sampled_from(["ask", "end"]), st.integers(0, 100)), max_size=30))
def test_however_often_it_is_asked_for_one_import_is_under_way_at_a_time(steps):
    jobs, now_uts, sent = Jobs(open_objects("memory://")), NOW_UTS, []
    for what, seconds in steps:
        now_uts += seconds
        if what == "ask":
            job, is_new = jobs.begin("ada", "lastfm", "rj", now_uts)
            if is_new and job.job_id not in sent:
                sent.append(job.job_id)
        elif sent:
            jobs.change("ada", sent[-1], now_uts, state="done")
        under_way = (
            [one for one in sent if jobs.get("ada", one).is_under_way] if len(sent) < MOST_KEPT else []
        )
        assert len(under_way) <= 1


def test_the_rate_counts_from_when_it_was_asked_for():
    job = replace(running(), rows_count=500, changed_at_uts=NOW_UTS + 10)

    assert job.rows_per_s == 50
