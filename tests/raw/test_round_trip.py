"""Any plays, written in any dialect, come back as they were."""

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.raw.importing_bench import imported_text
from timbral.raw.files.blocks import Block
from timbral.raw.files.layout import Layout
from timbral.raw.files.records import read_records

NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\n\r\t"),
    min_size=1,
    max_size=20,
).filter(str.strip)
PLAYS = st.lists(
    st.tuples(st.integers(1_009_843_200, 1_700_000_000), NAMES, NAMES, NAMES),
    min_size=1,
    max_size=30,
    unique_by=lambda play: (play[0], play[1], play[3]),
)
DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t"),
        "lineterminator": st.sampled_from(["\n", "\r\n"]),
        "quoting": st.just(1),
    }
)
SLOW = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(PLAYS, DIALECTS, st.permutations(["uts", "artist", "album", "track"]))
def test_plays_come_back_as_they_were_written(plays, dialect, order):
    text = io.StringIO()
    writer = csv.writer(text, **dialect)
    writer.writerow(order)
    for play in plays:
        named = dict(zip(("uts", "artist", "album", "track"), play, strict=True))
        writer.writerow([named[name] for name in order])
    with tempfile.TemporaryDirectory() as folder:
        report, tables = imported_text(Path(folder), text.getvalue())

    assert tables.rows("user_scrobbles_raw", "scrobbled_at_uts", "artist", "album", "track") == plays
    assert report.quarantined == {}


class Whole:
    broken = None

    def __init__(self, data):
        self.data = data

    def read(self, size):
        piece, self.data = self.data[:size], self.data[size:]
        return piece


def rows_of(text, layout):
    found = read_records(Whole(text.encode()), layout, {"first": 0, "second": 1})
    columns = [
        (part.columns.column("first").to_pylist(), part.columns.column("second").to_pylist())
        for part in found
    ]
    return [row for first, second in columns for row in zip(first, second, strict=True)]


@settings(max_examples=300)
@given(st.text('ab,"\n\r ', max_size=60), st.booleans())
def test_reading_fast_is_reading_carefully(text, is_quoted):
    assume("\n" in text)  # else carriage returns end lines
    layout = Layout(",", is_quoted, 2, 0)

    # Arrow leaves blocks with empty lines to the careful reader.
    assert rows_of(text, layout) == rows_of(f"{text}\n\n", layout)


def test_every_line_is_a_row_or_a_fault_or_empty():
    text = 'a,b\n"c\nd",e\nf\n\n"g,h\ni,j\n'

    [records] = read_records(
        Whole(text.encode()), Layout(",", is_quoted=True, width=2, header_lines=0), {"x": 0, "y": 1}
    )

    assert records.columns.column("x").to_pylist() == ["a", "c\nd", "i"]
    assert records.lines.tolist() == [1, 2, 7]
    assert [(fault.line, fault.text) for fault in records.faults] == [(4, "f"), (6, '"g,h')]


def test_a_blocks_lines_are_counted_with_or_without_an_end():
    assert (Block(1, b"a\nb\n").lines_count, Block(1, b"a\nb").lines_count) == (2, 2)
