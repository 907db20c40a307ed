import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.stores import NOON_UTS, add, empty_store, pin_raw, rows_of
from timbral.core import run as core
from timbral.features import run as features
from timbral.features.plays import DAY_S
from timbral.progress import Silent
from timbral.tables.features import LISTENER_CLOCK, LISTENER_PLAYS, TRACK_FEATURE_VIEW
from timbral.tables.raw import (
    ALBUM_REVIEWS_AOTY,
    ALBUMS_AOTY,
    AUDIO_FEATURES_SPOTIFY,
    TAG_VOTES_RAW,
    TRACKS_SPOTIFY,
    USER_SCROBBLES_RAW,
    USER_TRACKS_RAW,
)
from timbral.tags import run as tags

VENUS = {"artist": "Air", "track": "Venus"}
ALBUM = {"artist": "Air", "title": "Talkie Walkie"}
SONG = "SOBBMDR12A8C13253B"


@pytest.fixture
def store(tmp_path):
    return empty_store(tmp_path)


def run(store):
    pins = dict(pin_raw(store))
    for stage in (core, tags, features):
        result = stage.run(store, pins, Silent())
        pins |= result.snapshots
    return result


def plays_of(store):
    run(store)
    return rows_of(store, LISTENER_PLAYS)


def view_of(store):
    run(store)
    return rows_of(store, TRACK_FEATURE_VIEW)


def test_timed_plays_are_counted_by_listener_and_track(store):
    add(
        store,
        USER_SCROBBLES_RAW,
        {**VENUS, "was_skipped": True},
        {"artist": "AIR", "track": "venus", "scrobbled_at_uts": NOON_UTS + 60},
        {**VENUS, "listener_id": "bob"},
    )

    ann, bob = plays_of(store)

    assert (ann["plays_count"], ann["skips_count"]) == (2, 1)
    assert (ann["first_at_uts"], ann["last_at_uts"]) == (NOON_UTS, NOON_UTS + 60)
    assert (bob["listener_id"], bob["plays_count"], bob["skips_count"]) == ("bob", 1, 0)


def test_a_play_told_twice_is_one_play_and_the_later_telling_counts(store):
    add(store, USER_SCROBBLES_RAW, {**VENUS, "was_skipped": True})
    add(store, USER_SCROBBLES_RAW, {**VENUS, "was_skipped": False, "observed_at_uts": 5}, part="later")
    add(store, USER_SCROBBLES_RAW, {"artist": "AIR", "track": "Venus"}, part="respelled")

    (plays,) = plays_of(store)

    assert (plays["plays_count"], plays["skips_count"]) == (1, 0)


def test_recent_plays_are_those_of_the_ninety_days_before_the_newest(store):
    days = [0, 89, 90, 200]
    add(store, USER_SCROBBLES_RAW, *({**VENUS, "scrobbled_at_uts": NOON_UTS - day * DAY_S} for day in days))

    (plays,) = plays_of(store)

    assert (plays["plays_count"], plays["recent_plays_count"]) == (4, 2)


@pytest.mark.parametrize(("counted", "expected"), [(1, 2), (7, 7)])
def test_of_timed_and_counted_plays_the_more_count(store, counted, expected):
    add(store, USER_SCROBBLES_RAW, VENUS, {**VENUS, "scrobbled_at_uts": NOON_UTS + 60})
    add(store, USER_TRACKS_RAW, {**VENUS, "plays_count": counted})

    (plays,) = plays_of(store)

    assert plays["plays_count"] == expected


def test_spellings_add_up_within_a_source_and_sources_do_not(store):
    add(
        store,
        USER_TRACKS_RAW,
        {**VENUS, "plays_count": 3},
        {"artist": "AIR", "track": "venus", "plays_count": 2},
        {**VENUS, "plays_count": 4, "source": "other"},
    )

    (plays,) = plays_of(store)

    assert plays["plays_count"] == 5


def test_a_song_counted_before_and_after_its_name_was_known_counts_once(store):
    song = {"source_track_id": SONG, "plays_count": 3}
    add(store, USER_TRACKS_RAW, song, {**song, **VENUS})

    (plays,) = plays_of(store)

    assert plays["plays_count"] == 3


def test_plays_of_a_song_without_a_name_are_kept(store):
    add(store, USER_TRACKS_RAW, {"source_track_id": SONG, "plays_count": 3})

    (track,) = view_of(store)

    assert (track["is_named"], track["total_plays_count"], track["listeners_count"]) == (False, 3, 1)


def test_the_clock_counts_hours_in_utc(store):
    midnight_uts = NOON_UTS - NOON_UTS % DAY_S
    at_uts = [midnight_uts, midnight_uts + 3_599, midnight_uts + 23 * 3_600]
    add(store, USER_SCROBBLES_RAW, *({**VENUS, "scrobbled_at_uts": moment} for moment in at_uts))
    add(store, USER_TRACKS_RAW, {**VENUS, "listener_id": "bob"})

    run(store)

    ann, bob = rows_of(store, LISTENER_CLOCK)
    assert (ann["hour_counts"], ann["newest_at_uts"]) == ([2, *[0] * 22, 1], at_uts[-1])
    assert (ann["scrobbles_count"], bob["scrobbles_count"], sum(bob["hour_counts"])) == (3, 0, 0)


def test_a_track_that_nobody_played_is_in_the_view(store):
    add(store, TAG_VOTES_RAW, {**VENUS, "tag": "dreamy"})

    (track,) = view_of(store)

    assert (track["title"], track["tags"], track["total_plays_count"]) == ("Venus", ["dreamy"], 0)


def test_tags_stand_heaviest_first_with_their_shares(store):
    votes = {"dreamy": 1, "french": 6, "ambient": 3}
    add(store, TAG_VOTES_RAW, *({**VENUS, "tag": tag, "votes_count": count} for tag, count in votes.items()))

    (track,) = view_of(store)

    assert track["tags"] == ["french", "ambient", "dreamy"]
    assert track["tag_shares"] == pytest.approx([0.6, 0.3, 0.1])


def test_genres_are_the_album_s_else_those_among_the_tags_and_never_spotify_s(store):
    spotify = [
        {**VENUS, "spotify_id": "A" * 22, "genres": ["RnB"]},
        {"artist": "Air", "track": "Run", "spotify_id": "B" * 22, "genres": ["RnB"]},
        {"artist": "Air", "track": "Biological", "spotify_id": "C" * 22, "genres": ["RnB"]},
    ]
    add(store, TRACKS_SPOTIFY, *spotify)
    add(store, USER_SCROBBLES_RAW, {**VENUS, "album": "Talkie Walkie"})
    add(store, ALBUMS_AOTY, {**ALBUM, "genres": ["Downtempo", "Versaillaise"]})
    add(store, TAG_VOTES_RAW, {"artist": "Air", "track": "Run", "tag": "Trip-Hop"})
    add(store, TAG_VOTES_RAW, {"artist": "Air", "track": "Run", "tag": "bristol"}, part="other")

    tracks = view_of(store)

    genres = {track["title"]: track["genres"] for track in tracks}
    assert genres == {"Venus": ["downtempo", "versaillaise"], "Run": ["trip hop"], "Biological": []}
    assert [track["spotify_genres"] for track in tracks] == [["r&b"]] * 3


def test_an_album_s_facts_reach_its_tracks(store):
    add(store, USER_SCROBBLES_RAW, {**VENUS, "album": "Talkie Walkie"})
    add(
        store,
        ALBUMS_AOTY,
        {**ALBUM, "description": "Two men and a moog.", "critic_score": 78.0, "year": 2004},
    )
    reviews = [
        {"review_id": f"user-{number}", "is_critic": False, "text": f"I liked it {'x' * number}."}
        for number in range(8)
    ]
    critic = {"review_id": "critic", "is_critic": True, "text": "Weightless. " * 200}
    add(store, ALBUM_REVIEWS_AOTY, *({**ALBUM, **review} for review in [*reviews, critic]))

    (track,) = view_of(store)

    assert (track["album_description"], track["critic_score"], track["year"]) == (
        "Two men and a moog.",
        78.0,
        2004,
    )
    assert len(track["review_snippets"]) == 5
    assert track["review_snippets"][0].startswith("Weightless.")
    assert max(len(snippet) for snippet in track["review_snippets"]) <= 600


def test_audio_features_are_found_by_id_and_else_by_name(store):
    known, other = "A" * 22, "B" * 22
    add(
        store,
        TRACKS_SPOTIFY,
        {**VENUS, "spotify_id": known, "popularity": 70},
        {**VENUS, "spotify_id": other, "popularity": 10},
        {"artist": "Air", "track": "Run", "spotify_id": "C" * 22},
    )
    add(store, AUDIO_FEATURES_SPOTIFY, {"spotify_id": other, "tempo": 120.0, "energy": 0.5})

    found = {
        track["title"]: (track["spotify_id"], track["tempo"], track["energy"]) for track in view_of(store)
    }

    assert found == {"Venus": (known, 120.0, 0.5), "Run": ("C" * 22, None, None)}


def test_an_unchanged_store_is_left_alone(store, monkeypatch):
    add(store, USER_SCROBBLES_RAW, VENUS)
    first = run(store)
    monkeypatch.setattr(store, "engine", None)  # any query would fail

    second = run(store)

    assert second.snapshots == first.snapshots
    assert (second.computed_count, second.reused_count) == (0, 3)


def test_a_new_tag_leaves_the_plays_alone(store):
    add(store, USER_SCROBBLES_RAW, VENUS)
    run(store)
    add(store, TAG_VOTES_RAW, {**VENUS, "tag": "dreamy"})

    assert run(store).reused_count == 2


PLAYS = st.lists(
    st.fixed_dictionaries(
        {
            "listener_id": st.sampled_from(["ann", "bob"]),
            "artist": st.sampled_from(["Air", "AIR"]),
            "track": st.sampled_from(["Venus", "Venus (Live)", "Run"]),
            "album": st.sampled_from([None, "Talkie Walkie"]),
            "was_skipped": st.sampled_from([None, False, True]),
            "scrobbled_at_uts": st.integers(NOON_UTS, NOON_UTS + 3),
            "observed_at_uts": st.integers(0, 1),
        }
    ),
    min_size=1,
    max_size=12,
)
OUTPUTS = (LISTENER_PLAYS, LISTENER_CLOCK, TRACK_FEATURE_VIEW)


@settings(max_examples=8)
@given(plays=PLAYS, data=st.data())
def test_neither_order_nor_parts_nor_compaction_change_a_byte(tmp_path_factory, plays, data):
    shuffled = data.draw(st.permutations(plays))
    cut = data.draw(st.integers(0, len(plays)))
    folder = tmp_path_factory.mktemp("stores")
    one, other = empty_store(folder / "one"), empty_store(folder / "other")
    add(one, USER_SCROBBLES_RAW, *plays)
    for part, rows in (("b", shuffled[:cut]), ("a", shuffled[cut:])):
        if rows:
            add(other, USER_SCROBBLES_RAW, *rows, part=part)
    for store in (one, other):
        add(store, ALBUMS_AOTY, {**ALBUM, "genres": ["Downtempo"]})
        add(store, TAG_VOTES_RAW, {"artist": "Air", "tag": "dreamy"}, {**VENUS, "tag": "french"})
    other.compact(USER_SCROBBLES_RAW)

    run(one)
    run(other)

    assert [one.pin(table).id for table in OUTPUTS] == [other.pin(table).id for table in OUTPUTS]
    assert all(math.isclose(sum(track["tag_shares"]), 1, rel_tol=1e-6) for track in rows_of(one, OUTPUTS[2]))
