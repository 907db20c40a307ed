"""Copies of a remote store's releases go when the last request that is answered from them has ended."""

import itertools

import pytest

from tests.bench.release import TEXT_DIMENSION, contents, publish_contents
from tests.embeddings.hashed_encoder import HashedEncoder
from tests.world import make_world
from timbral.recommender.release.source import LOOK_EVERY_S, CurrentRelease
from timbral.store.obstore_objects import open_objects
from timbral.store.releases import Releases


@pytest.fixture(scope="module")
def releases():
    found = Releases(open_objects("memory://"))
    for name in ("one", "two"):
        publish_contents(found, name, contents(make_world(listeners_count=30, tracks_count=400)))
    return found


def source_of(releases, folder):
    ticks = itertools.count(step=2 * LOOK_EVERY_S)
    encoder = HashedEncoder(TEXT_DIMENSION)
    return CurrentRelease(releases, folder, lambda: encoder, lambda: float(next(ticks)))


def kept(folder):
    return sorted(copy.parent.name for copy in folder.glob("releases/*/*"))


def test_copies_of_an_old_release_stay_until_no_request_uses_them(releases, tmp_path):
    releases.promote("one")
    source = source_of(releases, tmp_path)
    request = source.current()
    releases.promote("two")
    source.current()
    during = kept(tmp_path)
    late = request.listener("listener000001")
    del request
    source.current()

    assert during == ["one", "two"]
    assert late is not None
    assert kept(tmp_path) == ["two"]
    assert source.current().release == "two"


def test_what_an_earlier_process_left_goes_and_the_current_release_stays(releases, tmp_path):
    releases.promote("one")
    source_of(releases, tmp_path).current()
    releases.promote("two")

    view = source_of(releases, tmp_path).current()

    assert view.release == "two"
    assert kept(tmp_path) == ["two"]


def test_a_process_whose_copies_another_one_deleted_fetches_them_again(releases, tmp_path):
    releases.promote("one")
    behind = source_of(releases, tmp_path).current()
    releases.promote("two")
    source_of(releases, tmp_path).current()
    left = kept(tmp_path)

    profile = behind.listener("listener000001")

    assert left == ["two"]
    assert profile is not None
    assert len(behind.vectors([0, 1])) == 2


def test_a_folder_that_is_the_store_itself_is_left_alone(tmp_path):
    found = Releases(open_objects(str(tmp_path / "store")))
    for name in ("one", "two"):
        publish_contents(found, name, contents(make_world(listeners_count=30, tracks_count=400)))
    found.promote("one")
    source = source_of(found, tmp_path / "scratch")
    source.current()
    found.promote("two")
    source.current()
    source.current()

    assert {path.name for path in (tmp_path / "store" / "releases").iterdir()} >= {"one", "two"}
