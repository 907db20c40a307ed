"""The first stages over real histories of other people."""

import time

import pytest

from tests.core.stores import empty_store, pin_raw, rows_of
from timbral.core import run as core
from timbral.features import run as features
from timbral.progress import Silent
from timbral.raw.importing import import_path
from timbral.tables.core import TRACK_MATCHES, TRACKS_CORE
from timbral.tables.features import LISTENER_CLOCK, LISTENER_PLAYS
from timbral.tables.raw import USER_SCROBBLES_RAW, USER_TRACKS_RAW
from timbral.tables.tags import TRACK_TAGS
from timbral.tags import run as tags

pytestmark = pytest.mark.realdata
NOW_UTS = 1_767_225_600
STAGES = (core, tags, features)


@pytest.fixture(scope="module")
def flow(realdata, tmp_path_factory):
    store = empty_store(tmp_path_factory.mktemp("real"))
    import_path(
        store, realdata / "listens", listener=None, progress=Silent(), now_uts=NOW_UTS, clock_s=time.monotonic
    )
    return store, run_stages(store)


def run_stages(store):
    pins = dict(pin_raw(store))
    results = []
    for stage in STAGES:
        results.append(stage.run(store, pins, Silent()))
        pins |= results[-1].snapshots
    return results


def test_no_row_is_set_aside(flow):
    assert [result.quarantined for result in flow[1]] == [{}, {}, {}]


def test_every_timed_play_is_of_a_track(flow):
    store = flow[0]

    plays = {(row["listener_id"], row["scrobbled_at_uts"]) for row in rows_of(store, USER_SCROBBLES_RAW)}

    moments_count = len(plays)
    counted = sum(row["scrobbles_count"] for row in rows_of(store, LISTENER_CLOCK))
    assert moments_count <= counted <= len(rows_of(store, USER_SCROBBLES_RAW))


def test_every_counted_play_is_of_a_track(flow):
    store = flow[0]
    listeners = {row["listener_id"] for row in rows_of(store, USER_TRACKS_RAW)}

    plays = [row for row in rows_of(store, LISTENER_PLAYS) if row["listener_id"] in listeners]

    raw_count = sum(row["plays_count"] for row in rows_of(store, USER_TRACKS_RAW))
    assert sum(row["plays_count"] for row in plays) == raw_count


def test_plays_of_artists_make_no_tracks(flow):
    named = {row["artist"] for row in rows_of(flow[0], TRACKS_CORE)}

    assert "MALICE MIZER" not in named


def test_spellings_come_together_and_versions_stay_apart(flow):
    store = flow[0]

    matches = rows_of(store, TRACK_MATCHES)

    versions = {}
    for row in matches:
        versions.setdefault(row["track_id"], set()).add(row["version_key"])
    assert len(matches) > len(versions) > 0.9 * len(matches)
    assert all(len(found - {None}) <= 1 for found in versions.values())


def test_shares_of_each_track_sum_to_one(flow):
    sums = {}
    for row in rows_of(flow[0], TRACK_TAGS):
        sums[row["track_id"]] = sums.get(row["track_id"], 0.0) + row["share"]

    assert len(sums) > 10_000
    assert max(abs(total - 1) for total in sums.values()) < 1e-5


def test_a_second_run_computes_nothing(flow):
    store, first = flow

    second = run_stages(store)

    assert [result.computed_count for result in second] == [0, 0, 0]
    assert [result.snapshots for result in second] == [result.snapshots for result in first]
