"""Rows that can't be read are set aside with their place and reason, and the rest goes on."""

import itertools

import pytest

from tests.raw.importing_bench import imported, imported_text
from timbral.raw.files.blocks import BLOCK_BYTES

HEADER = "uts,artist,track\n"


def tracks(tables):
    return [row[0] for row in tables.rows("user_scrobbles_raw", "track")]


def test_a_refused_row_names_line_field_value_and_what_is_allowed(tmp_path):
    _, tables = imported_text(tmp_path, HEADER + "1600000000,Low,Words\nnoon,Low,Lullaby\n1600000060,,Cut\n")

    time, artist = tables.all_rejects()
    assert (time.where, time.field, time.value) == (f"{tmp_path}/export.csv:3", "scrobbled_at_uts", "noon")
    assert time.reason == "is no time: Unix seconds, ISO 8601 or '24 Jan 2023, 09:42'"
    assert (artist.where, artist.field, artist.reason) == (f"{tmp_path}/export.csv:4", "artist", "is empty")
    assert time.row == "noon,Low,Lullaby"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1600000000,Low", "has 2 fields, not 3"),
        ("1600000000,Low,Words,more", "has 4 fields, not 3"),
        (f"1600000000,Low,{'x' * 1001}", "track is longer than 1000 characters"),
        ("4200000000,Low,Words", "scrobbled_at_uts is in the future"),
        ('1600000000,"Low,Words', "opens a quote that is not closed where a field ends"),
        ('1600000000,"Low" and more,"Words', None),
    ],
)
def test_a_wrong_row_takes_no_other_with_it(tmp_path, row, reason):
    around = [f"160000000{n},Low,Track {n}" for n in range(4)]
    text = HEADER + "\n".join([*around[:2], row, *around[2:]]) + "\n"
    report, tables = imported_text(tmp_path, text)

    assert {"Track 0", "Track 1", "Track 2", "Track 3"} <= set(tracks(tables))
    assert reason is None or report.quarantined == {reason: 1}
    assert report.rows_read == 5


def test_fields_beyond_the_last_are_let_pass_if_they_are_empty(tmp_path):
    report, tables = imported_text(tmp_path, HEADER + "1600000000,Low,Words,,\n")

    assert (tracks(tables), report.quarantined) == (["Words"], {})


def test_half_a_row_at_the_end_is_set_aside(tmp_path):
    report, tables = imported_text(tmp_path, HEADER + "1600000000,Low,Words\n16000001")

    assert tracks(tables) == ["Words"]
    assert report.quarantined == {"has 1 fields, not 3": 1}


def test_newlines_commas_and_quotes_within_quotes_belong_to_the_name(tmp_path):
    names = ["a, b", 'say ""hi""', "two\nlines", "five\n\n\n\nlines", "crlf\r\nwithin"]
    rows = "".join(f'160000000{n},Low,"{name}"\n' for n, name in enumerate(names))
    report, tables = imported_text(tmp_path, HEADER + rows)

    assert tracks(tables) == [name.replace('""', '"') for name in names]
    assert report.rows_read == 5


def test_a_quoted_newline_at_the_end_of_a_block_is_read_whole(tmp_path):
    filler = "".join(f"{1_500_000_000 + n},Low,Track {n:06d}\n" for n in range(90_000))
    cut = filler[: BLOCK_BYTES - len(HEADER) - 20].rsplit("\n", 1)[0] + "\n"
    report, tables = imported_text(
        tmp_path, HEADER + cut + '1600000000,Low,"one\ntwo"\n' + "1600000001,Low,Last\n"
    )

    assert tracks(tables)[-2:] == ["one\ntwo", "Last"]
    assert report.quarantined == {}


def test_unbalanced_quotes_in_many_rows_swallow_nothing(tmp_path):
    good = [f"{1_600_000_000 + n},Low,Track {n}" for n in range(300)]
    rows = itertools.chain.from_iterable(
        (row, f'{1_600_001_000 + n},Low "x",5" cut') for n, row in enumerate(good)
    )
    rows = [row.replace("Track 7", '"Track 7') if row.endswith("Track 7") else row for row in rows]
    report, tables = imported_text(tmp_path, HEADER + "\n".join(rows) + "\n")

    assert report.rows_read == 600
    assert sum(report.quarantined.values()) <= 1
    assert tracks(tables).count('5" cut') == 300


def test_nul_bytes_are_taken_out_and_counted(tmp_path):
    report, tables = imported_text(tmp_path, HEADER + "1600000000,L\0ow,Wor\0ds\n")

    assert tracks(tables) == ["Words"]
    assert report.repairs == {"NUL characters removed": 2}


def test_a_line_longer_than_a_block_is_passed_over_without_being_held(tmp_path):
    path = tmp_path / "export.csv"
    with path.open("w") as file:
        file.write(HEADER + "1600000000,Low,Words\n1600000001,Low,")
        for _ in range(20):
            file.write("x" * (1 << 20))
        file.write("\n1600000002,Low,Lullaby\n")
    report, tables = imported(path)

    assert tracks(tables) == ["Words", "Lullaby"]
    assert report.quarantined == {f"is longer than {BLOCK_BYTES} bytes": 1}
    assert tables.all_rejects()[0].where.endswith(":3")


def test_scripts_of_all_kinds_survive(tmp_path):
    names = ["坂本龍一", "Молчат Дома", "فيروز", "아이유", "Σωκράτης", "🎵", "ไทย"]
    rows = "".join(f"160000000{n},{name},{name}\n" for n, name in enumerate(names))
    _, tables = imported_text(tmp_path, HEADER + rows)

    assert tracks(tables) == names


def test_a_row_that_repeats_an_earlier_one_is_a_duplicate(tmp_path):
    row = "1600000000,Low,Words\n"
    report, tables = imported_text(tmp_path, HEADER + row + "1600000000,Low,Lullaby\n" + row + row)

    assert sorted(tracks(tables)) == ["Lullaby", "Words"]
    assert report.duplicates == 2
