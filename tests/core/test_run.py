import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.stores import NOON_UTS, add, empty_store, pin_raw, rows_of
from timbral.core import run as core
from timbral.core import spellings
from timbral.progress import Silent
from timbral.tables.core import TRACK_MATCHES, TRACKS_CORE
from timbral.tables.raw import (
    MOOD_LABELS_RAW,
    TAG_VOTES_RAW,
    TRACKS_SPOTIFY,
    USER_SCROBBLES_RAW,
    USER_TRACKS_RAW,
)

MBID = "0c5a3b1e-0000-4000-8000-00000000000a"
SPOTIFY = "70LcF31zb1H0PyJoS1Sx1r"


@pytest.fixture
def store(tmp_path):
    return empty_store(tmp_path)


def run(store):
    return core.run(store, pin_raw(store), Silent())


def tracks_of(store):
    run(store)
    return rows_of(store, TRACKS_CORE)


def test_spellings_of_one_recording_are_one_track(store):
    add(
        store,
        USER_SCROBBLES_RAW,
        {"artist": "Radiohead", "track": "Creep"},
        {"artist": "radiohead", "track": "Creep - 2009 Remaster"},
        {"artist": "Radiohead", "track": "Creep", "scrobbled_at_uts": NOON_UTS + 500},
    )

    (track,) = tracks_of(store)

    assert (track["artist"], track["title"], track["spellings_count"]) == ("Radiohead", "Creep", 2)


def test_a_live_version_is_a_track_of_its_own(store):
    add(
        store,
        USER_SCROBBLES_RAW,
        {"artist": "Radiohead", "track": "Creep", "track_mbid": MBID},
        {"artist": "Radiohead", "track": "Creep (Live)", "track_mbid": MBID},
    )

    assert sorted(track["version"] for track in tracks_of(store)) == ["", "live"]


def test_a_shared_id_merges_names_that_agree(store):
    add(
        store,
        USER_SCROBBLES_RAW,
        {"artist": "Portishead", "track": "Wandering Star", "track_mbid": MBID},
        {"artist": "Portishead", "track": "Wandering Stars", "track_mbid": MBID.upper()},
        {"artist": "Portishead", "track": "Glory Box", "track_mbid": MBID},
    )

    run(store)

    matches = {row["track"]: row for row in rows_of(store, TRACK_MATCHES)}
    star, stars, box = (matches[name] for name in ("Wandering Star", "Wandering Stars", "Glory Box"))
    assert star["track_id"] == stars["track_id"] == min(star["own_track_id"], stars["own_track_id"])
    assert sorted((star["grade"], stars["grade"])) == ["exact", "high"]
    assert box["track_id"] == box["own_track_id"] != star["track_id"]


def test_a_track_that_nobody_played_is_known_from_the_catalogue(store):
    add(store, TAG_VOTES_RAW, {"artist": "Boards of Canada", "track": "Roygbiv", "tag": "idm"})
    add(store, TAG_VOTES_RAW, {"artist": "Boards of Canada", "tag": "electronic"}, part="of-artists")
    add(store, MOOD_LABELS_RAW, {"artist": "Air", "track": "La femme d'argent", "energy": 0.4})
    add(store, TRACKS_SPOTIFY, {"spotify_id": SPOTIFY, "artist": "Radiohead", "track": "Creep", "year": 1992})

    tracks = tracks_of(store)

    assert sorted(track["title"] for track in tracks) == ["Creep", "La femme d'argent", "Roygbiv"]


def test_a_track_takes_its_facts_from_the_most_popular_row_and_the_earliest_year(store):
    add(
        store,
        TRACKS_SPOTIFY,
        {
            "spotify_id": "A" * 22,
            "artist": "Radiohead",
            "track": "Creep",
            "year": 1992,
            "popularity": 3,
            "isrc": "gbaye9200070",
        },
        {
            "spotify_id": "B" * 22,
            "artist": "Radiohead",
            "track": "Creep",
            "year": 2008,
            "popularity": 80,
            "duration_ms": 238_640,
        },
    )

    (track,) = tracks_of(store)

    facts = {name: track[name] for name in ("spotify_id", "year", "duration_ms", "isrc")}
    assert facts == {"spotify_id": "B" * 22, "year": 1992, "duration_ms": 238_640, "isrc": "GBAYE9200070"}


def test_a_song_of_which_only_the_id_is_known_is_kept_unnamed(store):
    add(store, USER_TRACKS_RAW, {"source_track_id": "SOBBMDR12A8C13253B"})

    (track,) = tracks_of(store)

    assert not track["is_named"]
    assert track["artist_id"] == track["track_id"]
    assert track["source_track_id"] == "echonest:SOBBMDR12A8C13253B"


def test_an_id_with_and_without_a_spelling_is_one_track(store):
    song = {"source_track_id": "SOBBMDR12A8C13253B"}
    add(store, USER_TRACKS_RAW, song, {**song, "listener_id": "bob", "artist": "Air", "track": "Venus"})

    (track,) = tracks_of(store)

    assert (track["title"], track["spellings_count"]) == ("Venus", 2)
    assert sorted(row["grade"] for row in rows_of(store, TRACK_MATCHES)) == ["exact", "high"]


def test_short_ids_of_two_sources_are_two_tracks(store):
    add(
        store,
        USER_TRACKS_RAW,
        {"source_track_id": "17", "source": "one"},
        {"source_track_id": "17", "source": "two"},
    )

    assert len(tracks_of(store)) == 2


def test_an_id_of_spotify_means_the_same_whoever_says_it(store):
    add(
        store,
        USER_TRACKS_RAW,
        {"source_track_id": f"spotify:track:{SPOTIFY}"},
        {"source_track_id": SPOTIFY, "source": "other"},
    )
    add(store, TRACKS_SPOTIFY, {"spotify_id": SPOTIFY, "artist": "Radiohead", "track": "Creep"})

    (track,) = tracks_of(store)

    assert (track["title"], track["spotify_id"]) == ("Creep", SPOTIFY)


def test_plays_with_neither_names_nor_an_id_are_counted_and_left_out(store):
    add(store, USER_TRACKS_RAW, {"artist": "Air", "plays_count": 4}, {"artist": "Air", "track": "Venus"})

    result = run(store)

    assert result.quarantined == {"plays have neither names nor an id": 4}
    assert [track["title"] for track in rows_of(store, TRACKS_CORE)] == ["Venus"]


def test_the_album_is_the_one_most_often_named(store):
    plays = [
        {
            "artist": "Air",
            "track": "Venus",
            "album": album,
            "scrobbled_at_uts": NOON_UTS + place,
        }
        for place, album in enumerate(["Hits", "Talkie Walkie", "Talkie Walkie"])
    ]
    add(store, USER_SCROBBLES_RAW, *plays)

    (track,) = tracks_of(store)

    assert track["album"] == "Talkie Walkie"


def test_a_play_told_twice_counts_once(store):
    play = {"artist": "Air", "track": "Venus", "album": "Hits"}
    later = {"artist": "Air", "track": "Venus", "album": "Talkie Walkie", "scrobbled_at_uts": NOON_UTS + 9}
    add(store, USER_SCROBBLES_RAW, play, later)
    add(store, USER_SCROBBLES_RAW, {**play, "album": "Talkie Walkie", "observed_at_uts": 5}, part="again")
    add(store, USER_SCROBBLES_RAW, play, part="and-again")

    (track,) = tracks_of(store)

    assert track["album"] == "Talkie Walkie"


def test_an_unchanged_store_is_left_alone(store, monkeypatch):
    add(store, USER_SCROBBLES_RAW, {"artist": "Air", "track": "Venus"})
    first = run(store)
    monkeypatch.setattr(store, "engine", None)  # any query would fail

    second = run(store)

    assert second.snapshots == first.snapshots
    assert (second.computed_count, second.reused_count) == (0, 2)


def test_only_new_spellings_are_read(store):
    add(store, USER_SCROBBLES_RAW, {"artist": "Air", "track": "Venus"})
    run(store)
    add(store, USER_SCROBBLES_RAW, {"artist": "Air", "track": "Run"}, part="second")

    result = run(store)

    assert (result.computed_count, result.reused_count) == (1, 1)


def test_new_rules_read_every_spelling_again(store, monkeypatch):
    add(store, USER_SCROBBLES_RAW, {"artist": "Air", "track": "Venus"})
    run(store)
    newer = spellings.RULES_VERSION + 1
    monkeypatch.setattr(spellings, "RULES_VERSION", newer)
    monkeypatch.setattr(core, "RULES_VERSION", newer)

    result = run(store)

    assert (result.computed_count, result.reused_count) == (1, 0)


def test_what_was_reused_is_what_would_be_computed(tmp_path):
    rows = [
        {"artist": "Air", "track": "Venus", "track_mbid": MBID},
        {"artist": "AIR", "track": "Venus!", "scrobbled_at_uts": NOON_UTS + 1},
        {"artist": "Air", "track": "Venuss", "track_mbid": MBID},
    ]
    grown, whole = empty_store(tmp_path / "grown"), empty_store(tmp_path / "whole")
    for number, row in enumerate(rows):
        add(grown, USER_SCROBBLES_RAW, row, part=str(number))
        run(grown)
    add(whole, USER_SCROBBLES_RAW, *rows)

    run(whole)

    for table in (TRACK_MATCHES, TRACKS_CORE):
        assert grown.pin(table).id == whole.pin(table).id


PLAYS = st.lists(
    st.fixed_dictionaries(
        {
            "artist": st.sampled_from(["Air", "AIR", "Air feat. Beth Hirsch", "Beth Hirsch & Air"]),
            "track": st.sampled_from(["Venus", "Venus (Live)", "Venuss", "venus", "!!!"]),
            "album": st.sampled_from([None, "", "Talkie Walkie", "Moon Safari"]),
            "track_mbid": st.sampled_from([None, MBID]),
            "source_track_id": st.sampled_from([None, "17", SPOTIFY]),
            "scrobbled_at_uts": st.integers(NOON_UTS, NOON_UTS + 3),
            "observed_at_uts": st.integers(0, 1),
        }
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plays=PLAYS, data=st.data())
def test_neither_order_nor_parts_change_a_byte(tmp_path_factory, plays, data):
    shuffled = data.draw(st.permutations(plays))
    cut = data.draw(st.integers(0, len(plays)))
    folder = tmp_path_factory.mktemp("stores")
    one, other = empty_store(folder / "one"), empty_store(folder / "other")
    add(one, USER_SCROBBLES_RAW, *plays)
    for part, rows in (("b", shuffled[:cut]), ("a", shuffled[cut:])):
        if rows:
            add(other, USER_SCROBBLES_RAW, *rows, part=part)

    run(one)
    run(other)

    for table in (TRACK_MATCHES, TRACKS_CORE):
        assert one.pin(table).id == other.pin(table).id


def test_names_in_two_scripts_are_one_track(store):
    add(
        store,
        USER_SCROBBLES_RAW,
        {"artist": "Кино", "track": "Группа крови"},
        {"artist": "Kino", "track": "Gruppa krovi"},
        {"artist": "Kino", "track": "Gruppa krovi (Live)"},
        {"artist": "Кино", "track": "Звезда по имени Солнце"},
        {"artist": "Perfume", "track": "ポリリズム"},
        {"artist": "Perfume", "track": "Poririzumu"},
    )

    run(store)

    matches = {row["track"]: row for row in rows_of(store, TRACK_MATCHES)}
    blood, gruppa = matches["Группа крови"], matches["Gruppa krovi"]
    assert blood["track_id"] == gruppa["track_id"]
    assert matches["ポリリズム"]["track_id"] == matches["Poririzumu"]["track_id"]
    assert "the same names in another script" in {blood["reason"], gruppa["reason"]}
    assert len({row["track_id"] for row in matches.values()}) == 4
