import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timbral.recommender.release.fields import Numbers, Texts

TEXT = st.text(max_size=8)
WORD = st.text(min_size=1, max_size=8)
ENERGY = st.floats(0, 1, width=32)
ROW = st.tuples(TEXT, st.none() | TEXT, st.lists(WORD, max_size=4), st.none() | st.integers(0, 3_000), ENERGY)
AS_SPACE = str.maketrans("\x1e\x1f", "  ")


@given(st.lists(ROW, min_size=1, max_size=20), st.data())
def test_fields_are_those_of_the_rows_in_any_slice_of_a_table(rows, data):
    table = pa.table(
        {
            "title": pa.array([row[0] for row in rows], pa.string()),
            "album": pa.array([row[1] for row in rows], pa.string()),
            "tags": pa.array([row[2] for row in rows], pa.list_(pa.string())),
            "year": pa.array([row[3] for row in rows], pa.int64()),
            "energy": pa.array([row[4] for row in rows], pa.float32()),
        }
    )
    start = data.draw(st.integers(0, len(rows) - 1))
    wanted = data.draw(st.lists(st.integers(0, len(rows) - 1 - start), max_size=10))
    part = {name: table.slice(start).column(name).combine_chunks() for name in table.column_names}
    asked = pa.array(wanted, pa.int64()).to_numpy()

    texts = Texts([part["title"], part["album"]], [part["tags"]]).of(asked)
    numbers = Numbers([part["year"], part["energy"]], 4).of(asked)

    of = [rows[start + place] for place in wanted]
    assert texts == [[read(row[0]), read(row[1] or ""), tuple(map(read, row[2]))] for row in of]
    assert numbers == [[row[3] or 0, pytest.approx(row[4], abs=0.5001e-4)] for row in of]
    assert all(energy == round(energy, 4) for _, energy in numbers)


def read(text):
    return text.translate(AS_SPACE)
