"""The same content again: known by its receipt, and written to the same places."""

import pytest

from tests.raw.importing_bench import MemoryTables, imported
from timbral.raw import intake
from timbral.store.obstore_objects import open_objects
from timbral.store.tables import Tables
from timbral.tables.raw import USER_SCROBBLES_RAW, USER_TRACKS_RAW

TEXT = "uts,artist,track\n" + "".join(
    f"{1_600_000_000 + n % 900 if n % 5 else ''},Artist {n % 7},Track {n % 90}\n" for n in range(2_000)
)


@pytest.fixture
def export(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(TEXT)
    return path


def test_content_that_was_taken_in_is_not_read_again(export):
    first, tables = imported(export)
    written = dict(tables.parts)
    copy = export.with_name("copy.csv")
    copy.write_text(TEXT)
    again, _ = imported(copy, tables=tables)

    assert tables.parts == written
    assert again.files[0].was_known
    assert again.files[0].rows_kept == first.files[0].rows_kept


def test_another_listener_makes_it_another_import(export):
    _, tables = imported(export)
    again, _ = imported(export, listener="bob", tables=tables)

    assert not again.files[0].was_known
    assert {row[0] for row in tables.rows("user_scrobbles_raw", "listener_id")} == {"ann", "bob"}


def test_an_import_that_was_killed_is_done_again_with_the_same_parts(export, monkeypatch):
    monkeypatch.setattr(intake, "PART_ROWS", 100)
    _, whole = imported(export)
    tables = MemoryTables(fails_after=1)
    with pytest.raises(ConnectionError):
        imported(export, tables=tables)
    tables.fails_after = 1_000

    imported(export, tables=tables)

    assert tables.parts == whole.parts
    assert tables.receipts == whole.receipts


def test_the_store_writes_the_same_bytes_for_the_same_file(export, tmp_path):
    stores = []
    for name in ("one", "two"):
        objects = open_objects(f"file://{tmp_path}/{name}")
        imported(export, tables=Tables(objects, tmp_path / "scratch"))
        stores.append({info.key: objects.get(info.key) for info in objects.list("")})

    assert stores[0] == stores[1]
    assert any(key.startswith("raw/imports/") for key in stores[0])


def test_what_the_store_gives_back_is_what_was_read(export, tmp_path):
    tables = Tables(open_objects(f"file://{tmp_path}/store"), tmp_path / "scratch")
    report, _ = imported(export, tables=tables)

    timed = tables.read(USER_SCROBBLES_RAW, tables.pin(USER_SCROBBLES_RAW))
    counted = tables.read(USER_TRACKS_RAW, tables.pin(USER_TRACKS_RAW))
    plays = timed.num_rows + sum(counted.column("plays_count").to_pylist())
    assert plays == report.files[0].rows_used
    assert report.files[0].rows_kept == {
        "user_scrobbles_raw": timed.num_rows,
        "user_tracks_raw": counted.num_rows,
    }
