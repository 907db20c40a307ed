import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.stores import add, empty_store, pin_raw, rows_of
from timbral.core import run as core
from timbral.progress import Silent
from timbral.tables.raw import ALBUMS_AOTY, TAG_VOTES_RAW, USER_SCROBBLES_RAW
from timbral.tables.tags import TRACK_TAGS
from timbral.tags import run as tags
from timbral.tags.blending import Vote, blend_tags


@pytest.fixture
def store(tmp_path):
    return empty_store(tmp_path)


def run(store):
    pins = pin_raw(store)
    return tags.run(store, {**pins, **core.run(store, pins, Silent()).snapshots}, Silent())


def shares_of(store):
    run(store)
    return {row["tag"]: row["share"] for row in rows_of(store, TRACK_TAGS)}


def test_tags_of_track_album_and_artist_come_together(store):
    add(store, USER_SCROBBLES_RAW, {"artist": "Air", "track": "Venus", "album": "Talkie Walkie"})
    add(
        store,
        TAG_VOTES_RAW,
        {"artist": "AIR", "track": "Venus", "tag": "Dreamy"},
        {"artist": "Air", "tag": "French"},
    )
    add(
        store,
        ALBUMS_AOTY,
        {"artist": "Air", "title": "Talkie Walkie (Deluxe Edition)", "genres": ["Downtempo"]},
    )

    run(store)

    found = {row["tag"]: (row["level"], row["sources"]) for row in rows_of(store, TRACK_TAGS)}
    assert found == {
        "dreamy": ("track", ["lastfm"]),
        "downtempo": ("album", ["aoty"]),
        "french": ("artist", ["lastfm"]),
    }


def test_spellings_of_one_tag_add_up(store):
    votes = [("Hip-Hop", 2), ("hiphop", 1), ("jazz", 1)]
    add(
        store,
        TAG_VOTES_RAW,
        *({"artist": "Nas", "track": "One Mic", "tag": tag, "votes_count": n} for tag, n in votes),
    )

    assert shares_of(store) == {"hip hop": 0.75, "jazz": 0.25}


def test_the_names_of_artist_and_track_are_no_tags(store):
    spellings = ["radiohead", "Creep", "rock", "seen live"]
    add(store, TAG_VOTES_RAW, *({"artist": "Radiohead", "track": "Creep", "tag": tag} for tag in spellings))
    add(store, TAG_VOTES_RAW, {"artist": "Radiohead", "tag": "The Radiohead"}, part="of-artists")

    assert list(shares_of(store)) == ["rock"]


def test_a_word_for_music_stays_a_tag_even_where_it_is_a_name(store):
    add(store, TAG_VOTES_RAW, {"artist": "Queen", "track": "Jazz", "tag": "jazz"})

    assert list(shares_of(store)) == ["jazz"]


def test_genres_count_by_their_weights_and_an_albums_tags_once_each(store):
    add(store, USER_SCROBBLES_RAW, {"artist": "Air", "track": "Venus", "album": "Talkie Walkie"})
    album = {"genres": ["Downtempo", "Chillout"], "genre_weights": [2, 1], "tags": ["dreamy"]}
    add(store, ALBUMS_AOTY, {"artist": "Air", "title": "Talkie Walkie", **album})

    assert shares_of(store) == {"downtempo": 0.5, "chillout": 0.25, "dreamy": 0.25}


def test_the_main_genre_of_an_album_counts_twice(store):
    add(store, USER_SCROBBLES_RAW, {"artist": "Air", "track": "Venus", "album": "Talkie Walkie"})
    add(
        store,
        ALBUMS_AOTY,
        {"artist": "Air", "title": "Talkie Walkie", "genres": ["Downtempo", "Ambient Pop"]},
    )

    assert shares_of(store) == {"downtempo": pytest.approx(2 / 3), "ambient pop": pytest.approx(1 / 3)}


def test_a_vote_told_again_replaces_the_former(store):
    vote = {"artist": "Air", "track": "Venus", "tag": "dreamy"}
    add(store, TAG_VOTES_RAW, {**vote, "votes_count": 100}, {**vote, "tag": "french", "votes_count": 50})
    add(store, TAG_VOTES_RAW, {**vote, "votes_count": 50, "observed_at_uts": 9}, part="later")

    assert shares_of(store) == {"dreamy": 0.5, "french": 0.5}


def test_an_unchanged_store_is_left_alone(store):
    add(store, TAG_VOTES_RAW, {"artist": "Air", "track": "Venus", "tag": "dreamy"})
    first = run(store)

    second = run(store)

    assert second.snapshots == first.snapshots
    assert (second.computed_count, second.reused_count) == (0, 1)


def test_new_plays_of_known_tracks_compute_no_tags(store):
    add(store, USER_SCROBBLES_RAW, {"artist": "Air", "track": "Venus"})
    add(store, TAG_VOTES_RAW, {"artist": "Air", "track": "Venus", "tag": "dreamy"})
    run(store)
    add(store, USER_SCROBBLES_RAW, {"artist": "Air", "track": "Venus", "listener_id": "bob"}, part="later")

    assert run(store).computed_count == 0


def test_no_votes_give_an_empty_table(store):
    add(store, USER_SCROBBLES_RAW, {"artist": "Air", "track": "Venus"})

    assert run(store).rows_count == 0


TRACK, ARTIST = ("Air", "Venus"), ("Air", None)
TOLD = st.lists(
    st.tuples(
        st.sampled_from([TRACK, ARTIST]),
        st.sampled_from(["lastfm", "hetrec2011"]),
        st.sampled_from(["dreamy", "french", "ambient", "downtempo", "bristol"]),
        st.integers(1, 1_000_000_000),
    ),
    min_size=1,
    max_size=15,
    unique_by=lambda vote: vote[:3],
)


@settings(max_examples=10)
@given(told=TOLD, data=st.data())
def test_all_tracks_at_once_and_one_by_one_give_one_answer(tmp_path_factory, told, data):
    rows = [
        {"artist": artist, "track": track, "source": source, "tag": tag, "votes_count": count}
        for (artist, track), source, tag, count in told
    ]
    votes = [Vote("track" if track else "artist", source, tag, n) for (_, track), source, tag, n in told]
    folder = tmp_path_factory.mktemp("stores")
    one, other = empty_store(folder / "one"), empty_store(folder / "other")
    for store in (one, other):
        add(store, USER_SCROBBLES_RAW, {"artist": "Air", "track": "Venus"})
    add(one, TAG_VOTES_RAW, *rows)
    for number, row in enumerate(data.draw(st.permutations(rows))):
        add(other, TAG_VOTES_RAW, row, part=str(number))

    run(one)
    run(other)

    found = {
        row["tag"]: (row["share"], row["level"], tuple(row["sources"])) for row in rows_of(one, TRACK_TAGS)
    }
    blended = {tag.tag: (float(np.float32(tag.share)), tag.level, tag.sources) for tag in blend_tags(votes)}
    assert found == blended
    assert one.pin(TRACK_TAGS).id == other.pin(TRACK_TAGS).id
