"""Gzip and zip, whole and cut."""

import gzip
import zipfile

import pytest

from tests.raw.importing_bench import imported, imported_text

ROWS = [
    f"{1_600_000_000 + 60 * n},Artist {n * 7919 % 997},Track {n * 104_729 % 99_991}" for n in range(20_000)
]
TEXT = "uts,artist,track\n" + "\n".join(ROWS) + "\n"


def test_gzip_is_unpacked_whatever_the_name(tmp_path):
    report, tables = imported_text(tmp_path, gzip.compress(TEXT.encode()), name="ann.csv", listener=None)

    assert len(tables.rows("user_scrobbles_raw", "track")) == 20_000
    assert (report.listener, report.broken) == ("ann", None)


def test_rows_before_a_cut_in_a_gzip_file_are_kept_and_the_cut_is_told(tmp_path):
    packed = gzip.compress(TEXT.encode())
    report, tables = imported_text(tmp_path, packed[: len(packed) * 2 // 3])

    kept = tables.rows("user_scrobbles_raw", "artist", "track")
    assert 5_000 < len(kept) < 20_000
    assert kept == [tuple(row.split(",")[1:]) for row in ROWS[: len(kept)]]
    assert report.quarantined == {"is cut off": 1}
    assert "breaks off" in report.broken


def test_rows_with_a_wrong_checksum_are_kept_and_it_is_told(tmp_path):
    packed = bytearray(gzip.compress(TEXT.encode()))
    packed[-6] ^= 0xFF
    report, _ = imported_text(tmp_path, bytes(packed))

    assert report.rows_used == 20_000
    assert "CRC" in report.broken


def zipped(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(f"{name}.csv", text)
        archive.writestr("readme.md", "words")
    return path


def test_each_member_of_a_zip_file_is_a_file(tmp_path):
    report, tables = imported(zipped(tmp_path / "all.zip", ann=TEXT, bob=TEXT), listener=None)

    assert {file.listener for file in report.files} == {"ann", "bob"}
    assert len(tables.rows("user_scrobbles_raw", "track")) == 40_000
    assert list(report.unrecognised) == [f"{tmp_path}/all.zip/readme.md"]


@pytest.mark.parametrize("part", [0.3, 0.75])
def test_members_before_a_cut_in_a_zip_file_are_kept(tmp_path, part):
    path = zipped(tmp_path / "all.zip", ann=TEXT, bob=TEXT)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])

    report, tables = imported(path, listener=None)

    broken = [file for file in report.files if file.broken]
    assert [file.file.rsplit("/", 1)[1] for file in broken] == ["ann.csv" if part < 0.5 else "bob.csv"]
    assert len(tables.rows("user_scrobbles_raw", "track")) > (20_000 if part > 0.5 else 5_000)


def test_a_zip_file_of_one_long_line_stays_small_in_memory(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ann.csv", "uts,artist,track\n1600000000,Low,Words\n" + "0" * 50_000_000)

    report, tables = imported(tmp_path / "bomb.zip")

    assert tables.rows("user_scrobbles_raw", "track") == [("Words",)]
    assert sum(report.files[0].quarantined.values()) == 1


def test_hetrec_is_found_in_a_zip_file(tmp_path):
    with zipfile.ZipFile(tmp_path / "hetrec.zip", "w") as archive:
        archive.writestr("data/user_artists.dat", "userID\tartistID\tweight\r\n2\t1\t100\r\n")
        archive.writestr("data/artists.dat", "id\tname\turl\tpictureURL\n1\tLow\t\t\n")

    _, tables = imported(tmp_path / "hetrec.zip")

    assert tables.rows("user_artists_raw", "artist", "plays_count") == [("Low", 100)]
