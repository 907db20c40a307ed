"""Times in the ways that exports write them."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timbral.raw.times import DAY_ONLY, EMPTY, OK, WRONG, read_time, read_times


@pytest.mark.parametrize(
    ("text", "uts"),
    [
        ("1674553320", 1_674_553_320),
        ("1674553320.5", 1_674_553_320),
        ("1674553320000", 1_674_553_320),
        ("1674553320000000", 1_674_553_320),
        ("24 Jan 2023, 09:42", 1_674_553_320),
        ("24 Jan 2023 09:42", 1_674_553_320),
        ("Tue, 24 January 2023 09:42:00 GMT", 1_674_553_320),
        ("2023-01-24T09:42:00Z", 1_674_553_320),
        ("2023-01-24 09:42:00", 1_674_553_320),
        ("2023-01-24 09:42:00 UTC", 1_674_553_320),
        ("2023-01-24 14:12:00 +0430", 1_674_553_320),
        ("2023-01-24T04:42:00-05:00", 1_674_553_320),
        ("01 Jan 1970, 00:00", 0),
        ("1.6e+09", 1_600_000_000),
        ("0", 0),
        ("-1", -1),
        ("24 Foo 2023, 09:42", None),
        ("31 Feb 2023, 09:42", None),
        ("yesterday", None),
        ("9" * 300, None),
    ],
)
def test_a_time_is_read_however_it_is_written(text, uts):
    assert read_time(text) == uts


def test_a_column_says_of_each_cell_what_it_is():
    times = read_times(pa.array(["1600000000", "", None, "2020-01-02", "x", "2020-01-02T00:00:00Z", " "]))

    assert times.states.tolist() == [OK, EMPTY, EMPTY, DAY_ONLY, WRONG, OK, EMPTY]
    assert times.uts.tolist() == [1_600_000_000, 0, 0, 0, 0, 1_577_923_200, 0]


@given(st.lists(st.text(alphabet="0123456789-: TZJan", max_size=25)))
def test_reading_a_column_is_reading_its_cells(texts):
    times = read_times(pa.array(texts, pa.string()))

    for text, uts, state in zip(texts, times.uts, times.states, strict=True):
        if state == OK:
            assert read_time(text) == uts
