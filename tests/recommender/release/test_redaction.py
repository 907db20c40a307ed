"""A release without somebody answers for everybody else as before."""

import numpy as np
import pytest

from tests.recommender.stored_world import store_world
from timbral.errors import Conflict
from timbral.progress import Silent
from timbral.recommender import run as recommender
from timbral.recommender.models.als import AlsSettings
from timbral.recommender.redaction import redact
from timbral.recommender.release.opened import OpenRelease
from timbral.recommender.release.source import StoredFiles
from timbral.recommender.run import RecommenderSettings, run
from timbral.store.releases import Releases

NOW_UTS = 1_800_000_000
SETTINGS = RecommenderSettings(als=AlsSettings(factors=8, iterations=3))


@pytest.fixture
def released(folder_tables):
    world = store_world(folder_tables, listeners_count=30, tracks_count=120)
    releases = Releases(folder_tables.objects)
    run(folder_tables, releases, world.pins, Silent(), settings=SETTINGS, now_uts=NOW_UTS)
    pointer = releases.current()
    if pointer is None:
        release = releases.list()[0].release
        pytest.fail(f"the gate refused {release}: {releases.list()[0].decision}")
    return releases, world, folder_tables.scratch


def opened(releases, scratch):
    manifest = releases.manifest(releases.current().release)
    return OpenRelease(StoredFiles(releases, manifest, scratch / "opened"), lambda: None)


def test_a_listener_and_the_tracks_that_only_they_knew_are_gone_and_the_rest_stays(released):
    releases, world, scratch = released
    gone, other = str(world.world.listeners[0]), str(world.world.listeners[1])
    tracks = world.track_ids[3:6]
    before = opened(releases, scratch)
    was, kept_ids = before.listener(other), [track for track in world.track_ids if track not in tracks]
    kept = [track for track in _ids(before, was.rows) if track not in tracks]
    vectors = before.vectors(before.rows(kept_ids)).copy()

    deleted_count = redact(releases, scratch, gone, tracks, NOW_UTS + 1)
    after = opened(releases, scratch)

    assert deleted_count > 10
    assert [manifest.release for manifest in releases.list()] == [after.release]
    assert after.listener(gone) is None
    assert after.rows(tracks).tolist() == [-1, -1, -1]
    assert after.tracks_count == before.tracks_count - 3
    now = after.listener(other)
    assert _ids(after, now.rows) == kept
    assert np.array_equal(was.factors, now.factors)
    assert np.array_equal(vectors, after.vectors(after.rows(kept_ids)))
    assert releases.current().before == ()


def test_a_release_that_does_not_know_them_stays_as_it_is(released):
    releases, _, scratch = released
    served = releases.current()

    assert redact(releases, scratch, "nobody", [], NOW_UTS) == 0
    assert releases.current() == served


def _ids(view, rows):
    return [card.track_id for card in view.cards(rows.tolist())]


@pytest.mark.parametrize("when", ["read", "uploaded"])
def test_a_run_during_which_somebody_was_erased_makes_no_release(folder_tables, monkeypatch, when):
    world = store_world(folder_tables, listeners_count=30, tracks_count=120)
    releases = Releases(folder_tables.objects)
    name = {"read": "assemble", "uploaded": "build_release"}[when]
    work = getattr(recommender, name)

    def erase_meanwhile(*given):
        snapshot = world.pins["listener_plays"]
        folder_tables.objects.delete([f"features/listener_plays/snapshots/{snapshot.id}.json"])
        return work(*given)

    monkeypatch.setattr(recommender, name, erase_meanwhile)

    with pytest.raises(Conflict, match="erased"):
        run(folder_tables, releases, world.pins, Silent(), settings=SETTINGS, now_uts=NOW_UTS)
    assert releases.list() == []
