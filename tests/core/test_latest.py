from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.stores import NOON_UTS, add, empty_store
from timbral.core.latest import open_latest
from timbral.tables.raw import USER_SCROBBLES_RAW

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "artist": st.sampled_from(["Air", "air"]),
            "track": st.just("Venus"),
            "album": st.sampled_from([None, "Talkie Walkie", "Hits"]),
            "was_skipped": st.sampled_from([None, False, True]),
            "scrobbled_at_uts": st.integers(NOON_UTS, NOON_UTS + 2),
            "observed_at_uts": st.integers(0, 2),
        }
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=25)
@given(rows=ROWS)
def test_the_latest_rows_are_those_that_the_store_itself_would_show(tmp_path_factory, rows):
    tables = empty_store(tmp_path_factory.mktemp("stores"))
    add(tables, USER_SCROBBLES_RAW, *rows)
    pins = {USER_SCROBBLES_RAW.name: tables.pin(USER_SCROBBLES_RAW)}
    names, key = ", ".join(USER_SCROBBLES_RAW.column_names), ", ".join(USER_SCROBBLES_RAW.key)

    with open_latest(tables, pins, {"scrobbles": USER_SCROBBLES_RAW}) as engine:
        latest = engine.sql(f"SELECT {names} FROM scrobbles ORDER BY {key}").fetchall()  # noqa: S608  declared names

    shown = tables.read(USER_SCROBBLES_RAW, pins[USER_SCROBBLES_RAW.name]).to_pylist()
    assert latest == [tuple(row.values()) for row in shown]
