"""What every object store must do, on a folder, in memory and over a real S3 protocol."""

import threading

import pytest

from timbral.errors import Conflict, InvalidInput, NotFound, StoreError
from timbral.store.obstore_objects import open_objects


def test_what_was_put_is_got(objects):
    objects.put("raw/a b/é.json", b"1")

    assert objects.get("raw/a b/é.json") == b"1"


def test_put_replaces(objects):
    objects.put("k", b"1")
    objects.put("k", b"2")

    assert objects.get("k") == b"2"


def test_a_missing_object_is_not_found(objects):
    with pytest.raises(NotFound, match="'nothing/here'"):
        objects.get("nothing/here")

    assert objects.get_tagged("nothing/here") is None
    assert not objects.exists("nothing/here")


def test_create_writes_once(objects):
    assert objects.create("k", b"first")
    assert not objects.create("k", b"second")

    assert objects.get("k") == b"first"


def test_replace_needs_the_version_that_was_read(objects):
    objects.put("k", b"1")
    _, tag = objects.get_tagged("k")
    objects.replace("k", b"22", tag)

    with pytest.raises(Conflict):
        objects.replace("k", b"333", tag)
    assert objects.get("k") == b"22"


def test_replace_of_nothing_needs_that_there_is_nothing(objects):
    objects.replace("k", b"1", None)

    with pytest.raises(Conflict):
        objects.replace("k", b"2", None)


def test_listing_is_in_order_and_stays_below_the_prefix(objects):
    for key in ("b/2", "b/1", "bb/1", "a", "b/c/3"):
        objects.put(key, b"x")

    assert [info.key for info in objects.list("b")] == ["b/1", "b/2", "b/c/3"]
    assert [info.size_bytes for info in objects.list("a/")] in ([], [1])


def test_listing_goes_past_a_page(objects):
    keys = [f"many/{number:04}" for number in range(1_050)]
    for key in keys:
        objects.put(key, b"")

    assert [info.key for info in objects.list("many")] == keys


def test_delete_is_done_twice_without_harm(objects):
    objects.put("k", b"1")
    objects.delete(["k", "never"])
    objects.delete(["k"])

    assert not objects.exists("k")


def test_files_go_in_and_out_whole(objects, tmp_path):
    source = tmp_path / "big"
    source.write_bytes(bytes(range(256)) * 80_000)  # 20 MB: more than one part

    objects.put_file("big", source)
    objects.fetch("big", tmp_path / "deep" / "copy")

    assert (tmp_path / "deep" / "copy").read_bytes() == source.read_bytes()
    assert not list(tmp_path.rglob("*.partial"))


def test_a_copy_is_another_object(objects):
    objects.put("a/one", b"first")
    objects.put("b/two", b"old")

    objects.copy("a/one", "b/two")
    objects.put("a/one", b"changed")
    objects.delete(["a/one"])

    assert objects.get("b/two") == b"first"
    with pytest.raises(NotFound, match="a/one"):
        objects.copy("a/one", "b/three")


def test_fetching_nothing_leaves_nothing(objects, tmp_path):
    with pytest.raises(NotFound):
        objects.fetch("nothing", tmp_path / "copy")

    assert list(tmp_path.glob("copy*")) == []


@pytest.mark.parametrize("shape", ["memory", "folder"])
def test_of_many_replacing_at_once_one_wins(shape, tmp_path):
    # The S3 server of the tests checks first and writes then, so a race on it proves nothing.
    store = open_objects("memory://" if shape == "memory" else str(tmp_path))
    store.put("k", b"0")
    _, tag = store.get_tagged("k")
    won, lost = [], []

    def attempt(number):
        try:
            store.replace("k", b"x" * number, tag)
            won.append(number)
        except Conflict:
            lost.append(number)

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(2, 18)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(won), len(lost)) == (1, 15)
    assert store.get("k") == b"x" * won[0]


def test_nothing_outside_the_root_is_touched(tmp_path):
    inside = open_objects(str(tmp_path / "tenant"))

    for key in ("../outside", "a/../../outside"):
        with pytest.raises(StoreError):
            inside.put(key, b"x")
        with pytest.raises(StoreError):
            inside.local_path(key)
    inside.put("/rooted", b"x")
    assert (tmp_path / "tenant" / "rooted").exists()
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("root", ["gs://bucket", "s3://", "http://host/x"])
def test_another_kind_of_root_is_refused(root):
    with pytest.raises(InvalidInput, match="s3://bucket/prefix"):
        open_objects(root)


def test_a_file_is_no_root(tmp_path):
    (tmp_path / "file").write_text("x")

    with pytest.raises(InvalidInput, match="must be a folder"):
        open_objects(str(tmp_path / "file"))


def test_an_absent_bucket_is_one_clear_error(s3_options):
    store = open_objects("s3://no-such-bucket-here", s3_options)

    with pytest.raises(StoreError, match="can't write 'k' in s3://no-such-bucket-here"):
        store.put("k", b"1")
