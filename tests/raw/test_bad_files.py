"""Files that can't be read at all: one sentence that names the file and what was expected."""

import os

import pytest

from tests.raw.importing_bench import MemoryTables, imported, imported_text
from timbral.errors import InvalidInput
from timbral.raw.files.sources import Source


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"  \n\n", "is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "is neither text, JSON, Parquet, gzip nor zip"),
        (b"just some words\nand more of them\n", "is text without columns"),
        (b"foo,bar,baz\n1,2,3\n", "has no header that names its columns"),
        (
            b"uts,artist,album\n1,2,3\n",
            "has the columns uts, artist, album; .* 'scrobble log .*, which lacks track",
        ),
        (b'{"foo": 1}\n{"foo": 2}\n', "has the columns foo"),
        (b"[1, 2, 3]", "is JSON without objects"),
        (b"PAR1 and then nothing", "is neither text"),
    ],
)
def test_a_file_of_no_known_layout_is_told_why(tmp_path, content, sentence):
    with pytest.raises(InvalidInput, match=f"export.csv {sentence}"):
        imported_text(tmp_path, content)


def test_means_of_artists_have_no_table(tmp_path):
    text = "mode,count,acousticness,artists,danceability,energy,valence,tempo\n1,9,0.5,Cats,0.4,0.3,0.2,117\n"

    with pytest.raises(
        InvalidInput, match="'Spotify tracks with audio features', which lacks spotify_id, track"
    ):
        imported_text(tmp_path, text)


def test_a_path_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InvalidInput, match=r"there is no file or folder .*nowhere"):
        imported(tmp_path / "nowhere")


def test_a_pipe_is_neither_file_nor_folder(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(InvalidInput, match="neither a file nor a folder"):
        imported(tmp_path / "pipe")


def test_an_empty_folder_has_nothing_in_it(tmp_path):
    with pytest.raises(InvalidInput, match="has no files in it"):
        imported(tmp_path)


def test_a_folder_without_anything_known_names_what_it_has(tmp_path):
    (tmp_path / "a.txt").write_text("words\n")
    (tmp_path / "b.csv").write_text("")

    with pytest.raises(
        InvalidInput, match=r"no file of a known layout among its 2: .*a.txt is text.*b.csv is empty"
    ):
        imported(tmp_path)


def test_missing_permission_is_told(tmp_path):
    def refuse():
        raise PermissionError(13, "Permission denied")

    source = Source(str(tmp_path / "mine.csv"), str(tmp_path), None, refuse, str)

    with pytest.raises(InvalidInput, match=r"mine\.csv can't be read: permission is denied"):
        source.open()


def test_a_folder_takes_what_it_can_and_names_the_rest(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "bob.csv").write_text("uts,artist,track\n1600000000,Low,Words\n")
    (tmp_path / "notes.txt").write_text("hello\n")
    (tmp_path / ".hidden").write_text("x")

    report, tables = imported(tmp_path, listener=None)

    assert tables.rows("user_scrobbles_raw", "listener_id") == [("bob",)]
    assert list(report.unrecognised) == [f"{tmp_path}/notes.txt"]
    assert report.faults == (
        f"{tmp_path}/notes.txt is text without columns: a CSV, TSV or JSON export is expected",
    )


def test_a_header_without_rows_is_no_fault(tmp_path):
    report, tables = imported_text(tmp_path, "uts,artist,track\n")

    assert (report.rows_read, tables.parts) == (0, {})


def test_a_store_that_fails_leaves_what_was_written_and_notes_nothing(tmp_path):
    (tmp_path / "a.csv").write_text("uts,artist,track\n1600000000,Low,Words\n,Low,Cut\n")
    tables = MemoryTables(fails_after=1)

    with pytest.raises(ConnectionError):
        imported(tmp_path / "a.csv", tables=tables)

    assert (len(tables.parts), tables.receipts) == (1, {})
