"""Releases: whole or not there, switched by one pointer, back by one command."""

import pytest

from timbral.errors import Conflict, ContractBroken, InvalidRequest, NotFound, StoreVersion
from timbral.store.artifacts import Artifacts
from timbral.store.format import MARK, check_format
from timbral.store.releases import Manifest, Pointer, Releases, release_id


@pytest.fixture
def releases(objects):
    return Releases(objects)


@pytest.fixture
def build(releases, tmp_path):
    def make(release, text="x", *, promote=True):
        folder = tmp_path / f"{release}-{text}"
        (folder / "tracks.lance" / "_versions").mkdir(parents=True)
        (folder / "tracks.lance" / "_versions" / "1.manifest").write_text(text)
        (folder / "factors.npy").write_text(text)
        name, files = releases.upload(release, folder)
        return releases.register(
            Manifest(release, name, files, {}, decision={"promote": promote, "reason": "worse"})
        )

    return make


def test_a_release_is_named_after_its_inputs():
    assert release_id({"a": 1, "b": 2}) == release_id({"b": 2, "a": 1})
    assert release_id({"a": 1}) != release_id({"a": 2})


def test_the_first_build_of_a_release_counts(build, releases):
    first = build("r1", "one")
    second = build("r1", "two")

    assert second == first == releases.manifest("r1")


def test_promotion_and_rollback_move_one_pointer(build, releases):
    for name in ("r1", "r2"):
        build(name)
        releases.promote(name)

    assert releases.current() == Pointer("r2", ("r1",))
    assert releases.rollback() == Pointer("r1", (), ("r2",))
    assert releases.current() == Pointer("r1", (), ("r2",))
    with pytest.raises(InvalidRequest, match="no release before 'r1'"):
        releases.rollback()


def test_a_release_that_the_gate_refused_is_not_served(build, releases):
    build("bad", promote=False)

    with pytest.raises(InvalidRequest, match="refused by the gate: worse"):
        releases.promote("bad")
    assert releases.current() is None


def test_promoting_what_is_served_changes_nothing(build, releases):
    build("r1")
    releases.promote("r1")

    assert releases.promote("r1") == Pointer("r1")


def test_a_pointer_that_moved_meanwhile_is_a_conflict(build, releases):
    build("r1")
    releases.promote("r1")
    found = releases.objects.get_tagged("releases/current.json")
    build("r2")
    releases.promote("r2")

    with pytest.raises(Conflict):
        releases.objects.replace("releases/current.json", b"{}", found[1])
    assert releases.current().release == "r2"


def test_unknown_releases_are_not_found(releases):
    with pytest.raises(NotFound, match="no release 'nope'"):
        releases.promote("nope")
    assert releases.list() == []


def test_a_file_of_a_release_is_checked_against_its_digest(build, releases, tmp_path):
    manifest = build("r1")
    assert releases.fetch(manifest, "factors.npy", tmp_path / "cache").read_text() == "x"

    releases.objects.put(f"{manifest.prefix}/factors.npy", b"tampered")
    with pytest.raises(ContractBroken, match="not the one that was built"):
        releases.fetch(manifest, "factors.npy", tmp_path / "cache2")


def test_artifacts_are_named_by_their_content_and_checked(objects, tmp_path):
    source = tmp_path / "model"
    source.mkdir()
    (source / "model.onnx").write_text("weights")
    artifacts = Artifacts(objects, "mood/model", tmp_path / "cache")

    version = artifacts.publish(source)

    assert artifacts.publish(source) == version == artifacts.current()
    assert (artifacts.folder(version) / "model.onnx").read_text() == "weights"
    objects.put(f"mood/model/{version}/model.onnx", b"other")
    with pytest.raises(ContractBroken, match=r"'model\.onnx'"):
        Artifacts(objects, "mood/model", tmp_path / "cache2").folder(version)
    with pytest.raises(NotFound):
        artifacts.folder("0" * 32)


def test_a_store_of_another_version_is_refused(objects):
    check_format(objects, create=False)
    check_format(objects, create=True)
    check_format(objects, create=False)

    objects.put(MARK, b'{"format": 99}')
    with pytest.raises(StoreVersion, match="has format 99; this version of Timbral reads format 1"):
        check_format(objects, create=False)
    objects.put(MARK, b"half a ma")
    with pytest.raises(StoreVersion, match="can't be read"):
        check_format(objects, create=True)
