"""The first stages over a planted world, taken in by the importers."""

import time

import pytest

from tests.core.stores import empty_store, pin_raw, rows_of
from tests.world import NOW_UTS, make_world, write_world
from timbral.core import run as core
from timbral.features import run as features
from timbral.progress import Silent
from timbral.raw.importing import import_path
from timbral.tables.core import TRACK_MATCHES
from timbral.tables.features import LISTENER_PLAYS, TRACK_FEATURE_VIEW
from timbral.tags import run as tags


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    world, folder = make_world(), tmp_path_factory.mktemp("planted")
    write_world(world, folder / "files")
    store = empty_store(folder)
    import_path(
        store, folder / "files", listener=None, progress=Silent(), now_uts=NOW_UTS, clock_s=time.monotonic
    )
    pins = dict(pin_raw(store))
    for stage in (core, tags, features):
        pins |= stage.run(store, pins, Silent()).snapshots
    matches = rows_of(store, TRACK_MATCHES)
    return world, store, {(row["artist"], row["track"]): row["track_id"] for row in matches}


def test_planted_duplicates_merge(planted):
    world, _, ids = planted

    played = {int(track) for track in world.play_track[world.play_respelled]}
    merged = [
        ids[world.artists[track], world.duplicates[track]] == ids[world.artists[track], world.titles[track]]
        for track in played
    ]
    assert len(merged) > 0
    assert all(merged)


def test_planted_live_versions_stay_apart(planted):
    world, _, ids = planted

    apart = [
        ids[world.artists[live], world.titles[live]] != ids[world.artists[studio], world.titles[studio]]
        for live, studio in world.live_versions
    ]

    assert len(apart) > 0
    assert all(apart)


def test_every_track_is_there_once_and_every_play_is_counted(planted):
    world, store, ids = planted
    listeners, tracks, counts = world.play_counts()

    plays = {
        (row["listener_id"], row["track_id"]): row["plays_count"] for row in rows_of(store, LISTENER_PLAYS)
    }

    names = [ids[world.artists[track], world.titles[track]] for track in tracks]
    listeners = [world.listeners[listener] for listener in listeners]
    assert plays == dict(zip(zip(listeners, names, strict=True), counts.tolist(), strict=True))
    assert len(rows_of(store, TRACK_FEATURE_VIEW)) == len(world.titles)
