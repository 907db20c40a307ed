"""How far work has come: when it is kept, and for whom."""

import datetime as dt
from threading import Event

import numpy as np
import pytest

from timbral.errors import Conflict
from timbral.store.checkpoints import INTERRUPTED, NotKept, Pace, StoredCheckpoint, pack, unpack
from timbral.store.vacuum import vacuum_unfinished


class Clock:
    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def stopping():
    return Event()


@pytest.fixture
def work(objects, clock, stopping):
    return StoredCheckpoint(objects, "recommender/unfinished", Pace(60, clock, stopping)).part("a1")


def test_a_state_is_kept_only_when_it_is_time_and_the_last_one_counts(work, clock):
    part = work.part("factors")
    part.keep(lambda: b"too soon")
    before = part.found()
    clock.now_s = 60
    part.keep(lambda: b"first")
    part.keep(lambda: b"too soon again")
    clock.now_s = 121
    part.keep(lambda: b"second")

    assert before is None
    assert work.part("factors").found() == b"second"


def test_whoever_is_told_to_stop_keeps_at_once_and_ends_with_the_status_of_that(work, stopping):
    stopping.set()
    with pytest.raises(SystemExit) as ended:
        work.part("factors").keep(lambda: b"as far as it came")

    assert ended.value.code == INTERRUPTED == 143
    assert work.part("factors").found() == b"as far as it came"


def test_parts_and_works_are_kept_apart_and_a_finished_work_leaves_nothing(objects, work, clock):
    clock.now_s = 60
    other = StoredCheckpoint(objects, "recommender/unfinished", Pace(0, clock, Event())).part("b2")
    other.part("factors").keep(lambda: b"others'")
    work.part("factors").keep(lambda: b"own")
    work.clear()

    assert work.part("factors").found() is None
    assert [info.key for info in objects.list("")] == ["recommender/unfinished/b2/factors"]


def test_nothing_is_kept_of_what_must_not_be_kept_any_more(objects, work, clock):
    def refuse():
        raise Conflict("a listener was erased")

    clock.now_s = 60
    with pytest.raises(Conflict):
        work.part("whole", refuse).part("factors").keep(lambda: b"theirs")

    assert not list(objects.list(""))


def test_what_nobody_goes_on_with_is_deleted_in_time(objects):
    objects.put("recommender/unfinished/a1/factors", b"state")
    now, week = dt.datetime.now(dt.UTC), dt.timedelta(days=7)

    assert vacuum_unfinished(objects, "recommender", now, week) == 0
    assert vacuum_unfinished(objects, "recommender", now + 2 * week, week) == 1
    assert not list(objects.list(""))


def test_nothing_is_found_where_nothing_is_kept():
    NotKept().part("a").keep(lambda: b"state")

    assert NotKept().part("a").found() is None


def test_arrays_come_back_as_they_were_and_others_are_not_taken_for_them():
    arrays = {"items": np.arange(6, dtype=np.float32).reshape(2, 3), "done": np.array(4)}
    shapes = {"items": (2, 3), "done": ()}

    found = unpack(pack(arrays), shapes)

    assert found["items"].tobytes() == arrays["items"].tobytes()
    assert int(found["done"]) == 4
    assert unpack(None, shapes) is None
    assert unpack(pack(arrays), shapes | {"items": (3, 2)}) is None
    assert unpack(pack({"done": np.array(4)}), shapes) is None
    assert unpack(b"half of something", shapes) is None
    assert unpack(pack(arrays)[:-30], shapes) is None


def test_arrays_that_would_run_code_are_not_opened():
    assert unpack(pack({"items": np.zeros(2)}).replace(b"<f8", b"|O8"), {"items": (2,)}) is None
