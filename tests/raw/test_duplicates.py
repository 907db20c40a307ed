"""Rows seen before, within bounded memory."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from timbral.raw.duplicates import Seen

KEYS = st.lists(st.tuples(st.sampled_from(["", "a", "ab", "b", None]), st.integers(0, 4)))


def table(rows):
    return pa.table(
        {
            "name": pa.array([row[0] for row in rows], pa.string()),
            "at": pa.array([row[1] for row in rows], pa.int64()),
        }
    )


@settings(max_examples=30)
@given(st.lists(KEYS))
def test_just_the_first_row_of_each_key_is_fresh(batches):
    seen, known = Seen(("name", "at")), set()

    for batch in batches:
        fresh = seen.fresh(table(batch)).tolist()
        expected = []
        for row in batch:
            expected.append(row not in known)
            known.add(row)
        assert fresh == expected
    assert seen.is_exact


def test_beyond_the_bound_the_oldest_rows_are_forgotten_and_it_is_told():
    seen = Seen(("at",), most=100)
    for start in range(0, 300, 50):
        seen.fresh(pa.table({"at": range(start, start + 50)}))

    fresh = seen.fresh(pa.table({"at": [0, 299]}))

    assert fresh.tolist() == [True, False]
    assert not seen.is_exact
