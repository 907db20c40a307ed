import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from timbral.recommender.release.fields import Numbers, Texts

TEXT = st.text(max_size=8)
ROW = st.tuples(TEXT, st.none() | TEXT, st.lists(TEXT, max_size=4), st.none() | st.integers(0, 3_000))


@given(st.lists(ROW, min_size=1, max_size=20), st.data())
def test_fields_are_those_of_the_rows_in_any_slice_of_a_table(rows, data):
    table = pa.table(
        {
            "title": pa.array([row[0] for row in rows], pa.string()),
            "album": pa.array([row[1] for row in rows], pa.string()),
            "tags": pa.array([row[2] for row in rows], pa.list_(pa.string())),
            "year": pa.array([row[3] for row in rows], pa.int64()),
        }
    )
    start = data.draw(st.integers(0, len(rows) - 1))
    wanted = data.draw(st.lists(st.integers(0, len(rows) - 1 - start), max_size=10))
    part = {name: table.slice(start).column(name).combine_chunks() for name in table.column_names}
    asked = pa.array(wanted, pa.int64()).to_numpy()

    texts = list(Texts([part["title"], part["album"]], [part["tags"]]).of(asked))
    numbers = Numbers([part["year"]]).of(asked)

    of = [rows[start + place] for place in wanted]
    assert texts == [[row[0] for row in of], [row[1] or "" for row in of], [tuple(row[2]) for row in of]]
    assert numbers == [[row[3] or 0 for row in of]]
