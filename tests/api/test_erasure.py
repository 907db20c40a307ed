"""After an erasure nothing in the store knows who it was, nor what only they told."""

import contextlib
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.stores import NOON_UTS, add, empty_store, pin_raw, rows_of
from timbral.api.keeping import Event, Keeping
from timbral.api.listeners.erasure import Erasure
from timbral.api.listeners.log import FeedbackTable
from timbral.api.listeners.takeout import Takeout
from timbral.core import run as core
from timbral.features import run as features
from timbral.progress import Silent
from timbral.raw.importing import import_path
from timbral.store.releases import Releases
from timbral.store.seeds import HeardTrack, note_heard
from timbral.tables.core import TRACKS_CORE
from timbral.tables.features import LISTENER_PLAYS
from timbral.tables.raw import USER_ARTISTS_RAW, USER_SCROBBLES_RAW, USER_TRACKS_RAW
from timbral.tags import run as tags

ALONE = "Onlymine Quartet"
SHARED = {"artist": "Air", "track": "Venus"}


def run(store):
    pins = dict(pin_raw(store))
    for stage in (core, tags, features):
        pins |= stage.run(store, pins, Silent()).snapshots


def keeping(store):
    return Keeping(lambda: store.objects, lambda: FeedbackTable(store))


def erase(store, listener, now_uts=NOON_UTS + 100):
    return Erasure(store, Releases(store.objects), store.scratch).erase(listener, now_uts)


def fill(store, listener):
    """Leave traces of a listener wherever they can be, and some of somebody else."""
    mine = [SHARED, {"artist": ALONE, "track": "Ours"}]
    for part, at in (("one", 0), ("two", 60)):
        rows = [
            {**row, "listener_id": who, "scrobbled_at_uts": NOON_UTS + at}
            for row in mine
            for who in [listener]
        ]
        add(store, USER_SCROBBLES_RAW, *rows, {**SHARED, "listener_id": "bob"}, part=part)
    run(store)
    store.compact(USER_SCROBBLES_RAW)
    add(store, USER_TRACKS_RAW, {**SHARED, "listener_id": listener, "plays_count": 4})
    row = {"listener_id": listener, "artist": ALONE, "plays_count": 1, "source": "x", "observed_at_uts": 0}
    store.append(USER_ARTISTS_RAW, pa.Table.from_pylist([row]), "one")
    bad = {"listener_id": listener, "artist": "", "track": ALONE, "plays_count": 1, "source": "x"}
    store.append(USER_TRACKS_RAW, pa.Table.from_pylist([bad | {"observed_at_uts": 0}]), "bad")
    note_heard(store.objects, listener, "history", [HeardTrack(ALONE, "Ours")])
    kept = keeping(store)
    kept.pick(listener, ["t1"], ["dub"])
    kept.note(listener, [Event("e1", "like", rows_of(store, TRACKS_CORE)[0]["track_id"], NOON_UTS)])
    run(store)


def everything(objects):
    """Yield every object's name and content, unpacked."""
    for info in objects.list(""):
        data = objects.get(info.key)
        if info.key.endswith(".parquet"):
            data = repr(pq.read_table(io.BytesIO(data)).to_pylist()).encode()
        yield info.key, data


def mentions(objects, *texts):
    return [
        key for key, data in everything(objects) for text in texts if text.encode() in data or text in key
    ]


@pytest.fixture
def store(tmp_path):
    return empty_store(tmp_path)


@settings(max_examples=5, deadline=None)
@given(name=st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=8, max_size=40))
def test_no_object_names_the_erased_or_what_only_they_told(tmp_path_factory, name):
    listener = name.replace("'", "").replace("\\", "").replace('"', "") + "-somebody"
    store = empty_store(tmp_path_factory.mktemp("erasure"))
    fill(store, listener)
    assert len(mentions(store.objects, listener, ALONE)) > 10

    receipt = erase(store, listener)

    assert mentions(store.objects, listener, ALONE) == []
    assert receipt.rows_count["user_scrobbles_raw"] == 4
    assert receipt.rows_count["feedback"] == 1


def test_nothing_of_anybody_else_is_touched(store):
    fill(store, "ann-to-erase")
    before = [row for row in rows_of(store, LISTENER_PLAYS) if row["listener_id"] == "bob"]

    erase(store, "ann-to-erase")
    assert rows_of(store, LISTENER_PLAYS) == before
    run(store)

    assert rows_of(store, LISTENER_PLAYS) == before
    assert [row["artist"] for row in rows_of(store, TRACKS_CORE)] == ["Air"]


def test_what_unfinished_training_has_learned_of_listeners_goes_too(store):
    fill(store, "ann-to-erase")
    store.objects.put("recommender/unfinished/a1/all-plays", b"factors of ann and bob")
    store.objects.put("mood/unfinished/a1/folds", b"what was said of tracks")

    erase(store, "ann-to-erase")

    assert not store.objects.exists("recommender/unfinished/a1/all-plays")
    assert store.objects.exists("mood/unfinished/a1/folds")


def test_who_is_erased_is_not_in_what_a_later_run_makes_and_may_come_back(store):
    fill(store, "ann-to-erase")
    erase(store, "ann-to-erase")
    run(store)
    assert mentions(store.objects, "ann-to-erase", ALONE) == []

    fill(store, "ann-to-erase")

    assert {row["listener_id"] for row in rows_of(store, LISTENER_PLAYS)} == {"ann-to-erase", "bob"}


def test_the_same_file_can_be_taken_in_again_after_an_erasure(store, tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text("artist,track,uts\n" + "".join(f"Air,Song {n},{NOON_UTS + n * 300}\n" for n in range(5)))

    def take_in():
        options = {"progress": Silent(), "now_uts": NOON_UTS + 10**6, "clock_s": lambda: 0.0}
        return import_path(store, file, listener="ann-to-erase", **options)

    take_in()
    erase(store, "ann-to-erase")
    assert mentions(store.objects, "ann-to-erase") == []
    again = take_in()

    assert not again.files[0].was_known
    assert len(rows_of(store, USER_SCROBBLES_RAW)) == 5


def test_events_from_before_an_erasure_come_too_late(store):
    erase(store, "ann-to-erase", NOON_UTS)
    events = [Event("old", "like", "t", NOON_UTS), Event("new", "like", "t", NOON_UTS + 1)]

    assert keeping(store).note("ann-to-erase", events) == 1


def test_erasing_again_finds_nothing_more(store):
    fill(store, "ann-to-erase")
    erase(store, "ann-to-erase")

    assert erase(store, "ann-to-erase", NOON_UTS + 200).rows_count == {}


class Killed(Exception):  # noqa: N818  it is no error of ours
    pass


class Dying:
    """An object store whose process is killed at its n-th change."""

    def __init__(self, objects, changes_count):
        self._objects, self._left = objects, changes_count

    def __getattr__(self, name):
        method = getattr(self._objects, name)
        if name not in {"put", "create", "replace", "delete", "put_file"}:
            return method

        def counted(*given, **options):
            self._left -= 1
            if self._left < 0:
                raise Killed
            return method(*given, **options)

        return counted


def test_wherever_it_is_killed_done_again_it_leaves_nothing(tmp_path):
    killed_count = 0
    for changes_count in range(0, 60, 7):
        store = empty_store(tmp_path / str(changes_count))
        fill(store, "ann-to-erase")
        whole, store.objects = store.objects, Dying(store.objects, changes_count)
        with contextlib.suppress(Killed):
            erase(store, "ann-to-erase")
            break
        killed_count += 1
        store.objects = whole

        erase(store, "ann-to-erase", NOON_UTS + 200)

        assert mentions(store.objects, "ann-to-erase", ALONE) == [], changes_count

    assert killed_count >= 4


def test_a_receipt_is_kept_that_says_nothing_of_the_person(store):
    fill(store, "ann-to-erase")

    receipt = erase(store, "ann-to-erase")

    kept = store.objects.get(f"api/receipts/{receipt.receipt_id}.json")
    assert b"ann-to-erase" not in kept
    assert b"rows_count" in kept


def test_what_is_kept_can_be_taken_out_page_by_page(store):
    fill(store, "ann-to-export")
    takeout = Takeout(store)

    items, total_count = takeout.page("ann-to-export", 0, 1_000)
    paged = [takeout.page("ann-to-export", at, 2)[0] for at in range(0, total_count, 2)]

    assert len(items) == total_count
    assert [item for page in paged for item in page] == items
    assert {"user_scrobbles_raw", "feedback", "listener_plays", "document"} <= {item.source for item in items}
    assert all(item.content.get("listener_id", "ann-to-export") == "ann-to-export" for item in items)
    assert takeout.page("nobody", 0, 10) == ([], 0)
