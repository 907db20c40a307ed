import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.stores import NOON_UTS, add, empty_store, pin_raw, rows_of
from timbral.core import merging
from timbral.core import run as core
from timbral.progress import Silent
from timbral.tables.core import TRACK_MATCHES, TRACKS_CORE
from timbral.tables.raw import USER_SCROBBLES_RAW

ONE, OTHER, THIRD = (f"0c5a3b1e-0000-4000-8000-00000000000{last}" for last in "abc")
PLAYS = st.lists(
    st.fixed_dictionaries(
        {
            "artist": st.sampled_from(["Kino", "Кино", "Air & Beth Hirsch", "Beth Hirsch feat. Air"]),
            "track": st.sampled_from(["Gruppa krovi", "Gruppa krovii", "Gruppa kroviii", "Группа крови"]),
            "track_mbid": st.sampled_from([None, ONE, OTHER, THIRD]),
            "scrobbled_at_uts": st.integers(NOON_UTS, NOON_UTS + 9),
        }
    ),
    min_size=1,
    max_size=6,
)


def run(store):
    return core.run(store, pin_raw(store), Silent())


@pytest.fixture
def looked_at(monkeypatch):
    """Return the titles of the names that were looked at one by one since the list was cleared."""
    titles = []

    def watched(given):
        spellings = list(given)
        titles.extend(spelling.identity.title_key for spelling in spellings)
        return cluster(spellings)

    cluster = merging.cluster
    monkeypatch.setattr(merging, "cluster", watched)
    return titles


@pytest.fixture
def merged(tmp_path, looked_at):
    """A store in which two spellings of each of two songs have become one track."""
    store = empty_store(tmp_path)
    songs = (("Venus", ONE), ("Venuss", ONE), ("Talisman", OTHER), ("Talismann", OTHER))
    add(
        store,
        USER_SCROBBLES_RAW,
        *({"artist": "Air", "track": track, "track_mbid": mbid} for track, mbid in songs),
    )
    assert run(store).notes["merged_spellings"] == 2
    looked_at.clear()
    return store


def test_what_nothing_new_is_linked_to_is_not_looked_at_again(merged, looked_at):
    add(merged, USER_SCROBBLES_RAW, {"artist": "Air", "track": "Run"}, part="later")

    result = run(merged)

    assert not looked_at
    assert result.notes["merged_spellings"] == 2


def test_a_new_name_is_looked_at_with_all_that_it_is_linked_to(merged, looked_at):
    add(merged, USER_SCROBBLES_RAW, {"artist": "Air", "track": "Venus!", "track_mbid": ONE}, part="same name")
    run(merged)
    assert not looked_at  # another spelling of a known name, by the same id

    add(merged, USER_SCROBBLES_RAW, {"artist": "Air", "track": "Vennus", "track_mbid": ONE}, part="later")

    run(merged)

    assert set(looked_at) == {"venus", "venuss", "vennus"}


def test_a_change_is_followed_over_links_of_links(tmp_path, looked_at):
    store, whole = empty_store(tmp_path / "grown"), empty_store(tmp_path / "whole")
    plays = [
        {"artist": "Air", "track": "Venus", "track_mbid": ONE},
        {"artist": "Air", "track": "Venuss", "track_mbid": ONE, "album": "Moon Safari"},
        {"artist": "Air", "track": "Venuss", "track_mbid": OTHER},
        {"artist": "Air", "track": "Venusss", "track_mbid": OTHER},
    ]
    plays = [{**play, "scrobbled_at_uts": NOON_UTS + number} for number, play in enumerate(plays)]
    later = {"artist": "Air", "track": "Venuz", "track_mbid": ONE}
    add(store, USER_SCROBBLES_RAW, *plays)
    run(store)
    looked_at.clear()
    add(store, USER_SCROBBLES_RAW, later, part="later")
    add(whole, USER_SCROBBLES_RAW, *plays, later)

    run(store)
    assert set(looked_at) == {"venus", "venuss", "venusss", "venuz"}
    run(whole)

    assert store.pin(TRACK_MATCHES).id == whole.pin(TRACK_MATCHES).id


def test_names_that_come_to_share_one_more_id_are_looked_at(tmp_path, looked_at):
    store = empty_store(tmp_path)
    plays = [
        {"artist": "Air", "track": "Venus", "track_mbid": ONE},
        {"artist": "Air", "track": "Venuss", "track_mbid": ONE},
        {"artist": "Air", "track": "Run", "track_mbid": OTHER},
        {"artist": "Air", "track": "Runn", "track_mbid": OTHER},
    ]
    add(store, USER_SCROBBLES_RAW, *plays)
    run(store)
    looked_at.clear()
    more = [
        {"artist": "Air", "track": track, "track_mbid": THIRD, "scrobbled_at_uts": NOON_UTS + 1}
        for track in ("Venus", "Run")
    ]
    add(store, USER_SCROBBLES_RAW, *more, part="later")

    run(store)

    assert set(looked_at) == {"venus", "venuss", "run", "runn"}


def test_a_merger_ends_with_what_had_joined_it(merged, looked_at):
    tracks_count = len(rows_of(merged, TRACKS_CORE))
    gone = {"track_mbid": ONE, "observed_at_uts": 1, "was_removed": True}
    add(merged, USER_SCROBBLES_RAW, {"artist": "Air", "track": "Venuss", **gone}, part="taken back")
    add(
        merged,
        USER_SCROBBLES_RAW,
        {"artist": "Air", "track": "Venuss", "scrobbled_at_uts": NOON_UTS + 1},
        part="without id",
    )

    run(merged)

    assert len(rows_of(merged, TRACKS_CORE)) == tracks_count + 1
    assert not looked_at


def test_another_way_of_joining_looks_at_everything_again(merged, looked_at, monkeypatch):
    monkeypatch.setattr(merging, "MERGING_VERSION", merging.MERGING_VERSION + 1)
    add(merged, USER_SCROBBLES_RAW, {"artist": "Air", "track": "Run"}, part="later")

    run(merged)

    assert set(looked_at) == {"venus", "venuss", "talisman", "talismann"}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(PLAYS, min_size=2, max_size=4), data=st.data())
def test_step_by_step_ends_where_all_at_once_does(tmp_path_factory, batches, data):
    folder = tmp_path_factory.mktemp("stores")
    grown, whole = empty_store(folder / "grown"), empty_store(folder / "whole")
    every = []
    for number, batch in enumerate(batches):
        removed = data.draw(st.lists(st.sampled_from(every), max_size=3)) if every else []
        batch += [{**play, "was_removed": True, "observed_at_uts": number} for play in removed]
        every += [play for play in batch if "was_removed" not in play]
        add(grown, USER_SCROBBLES_RAW, *batch, part=str(number))
        add(whole, USER_SCROBBLES_RAW, *batch, part=str(number))
        run(grown)

    run(whole)

    for table in (TRACK_MATCHES, TRACKS_CORE):
        assert grown.pin(table).id == whole.pin(table).id
