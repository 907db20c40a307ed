"""The chain of what a listener is known by: history, a provider's top tracks, picks, what is popular."""

import pytest

from tests.api.conftest import LISTENER
from timbral.api.answers import fresh
from timbral.api.answers.fresh import known_by
from timbral.api.keeping import NOTHING, Opinion, Seeds
from timbral.store.seeds import HeardTrack, note_heard, read_document, seeds_key


@pytest.fixture(autouse=True)
def names(view, monkeypatch):
    """Let names mean the planted tracks, whose ids are not made of their names."""
    known = {
        (str(artist), str(title)): view.track_id(row)
        for row, (artist, title) in enumerate(zip(view.world.artists, view.world.titles, strict=True))
    }
    monkeypatch.setattr(fresh, "own_id", lambda artist, track: known.get((artist, track), "unknown"))


def heard(view, block, count=8, **more):
    rows = view.columns().genre_codes[view.genre(block)][:count].tolist()
    return tuple(HeardTrack(str(view.world.artists[r]), str(view.world.titles[r]), **more) for r in rows)


def leads(page):
    return [track["genres"][0] for track in page["carousels"][0]["tracks"]]


def mostly(genres, genre):
    return genres.count(genre) > len(genres) / 2


def test_each_step_of_the_chain_answers_when_those_before_it_know_nothing(newcomer, keeping, view):
    objects = keeping._objects()
    assert newcomer.get("/recs/home").json()["basis"] == "popular"

    newcomer.post("/onboarding", json={"genres": [view.genre(1)]})
    picked = newcomer.get("/recs/home").json()
    note_heard(objects, "somebody-new", "top_tracks", heard(view, 2))
    topped = newcomer.get("/recs/home").json()
    note_heard(objects, "somebody-new", "history", heard(view, 3, plays_count=4, last_at_uts=1_772_000_000))
    listened = newcomer.get("/recs/home").json()

    assert [page["basis"] for page in (picked, topped, listened)] == ["picks", "top_tracks", "history"]
    assert mostly(leads(picked), view.genre(1))
    assert mostly(leads(topped), view.genre(2))
    assert mostly(leads(listened), view.genre(3))


def test_history_of_a_newcomer_shows_in_their_taste_at_once(newcomer, keeping, view):
    note_heard(keeping._objects(), "somebody-new", "history", heard(view, 3, plays_count=4))

    taste = newcomer.get("/taste/summary").json()

    assert taste["known"] is True
    assert taste["plays_count"] == 32
    assert taste["genres"][0]["name"] == view.genre(3)


def test_picks_are_not_taken_for_plays(newcomer, view):
    newcomer.post("/onboarding", json={"track_ids": [view.track_id(3)]})

    page = newcomer.get("/recs/home").json()
    assert newcomer.get("/taste/summary").json()["plays_count"] == 0
    assert not any(track["in_library"] for track in page["carousels"][0]["tracks"])


def test_who_has_nothing_new_is_answered_from_the_release_as_it_is(view):
    released = view.listener(LISTENER)

    assert known_by(view, released, NOTHING) == (released, "history")
    assert known_by(view, None, NOTHING) == (None, "popular")


def test_listening_that_the_release_has_already_is_not_new(view):
    released = view.listener(LISTENER)
    old = heard(view, 0, last_at_uts=released.newest_at_uts)

    profile, _ = known_by(view, released, Seeds(history=old, tag="t"))

    assert profile is released


def test_what_was_played_since_is_within_every_window(view):
    released = view.listener(LISTENER)
    row = next(row for row in range(view.tracks_count) if row not in released.rows)
    told = {view.track_id(row): Opinion(2, 0, 0, released.newest_at_uts + 5)}

    profile, _ = known_by(view, released, Seeds(opinions=told, tag="t"))

    at = profile.rows.tolist().index(row)
    assert [int(counts[at]) for counts in (profile.plays, profile.recent_plays, profile.week_plays)] == [
        2,
        2,
        2,
    ]
    assert profile.plays.sum() == released.plays.sum() + 2


def test_of_somebody_erased_the_release_says_nothing_any_more(view):
    erased = Seeds(erased_releases=(view.release,), erased_at_uts=5, tag="t")

    assert known_by(view, view.listener(LISTENER), erased) == (None, "popular")


def test_names_that_nobody_knows_change_nothing(view):
    unknown = Seeds(history=(HeardTrack("Nobody", "Nothing"),), tag="t")

    assert known_by(view, None, unknown) == (None, "popular")


def test_noting_the_same_again_changes_nothing(objects):
    tracks = [HeardTrack("Air", "Venus", 3, 9), HeardTrack("Air", "Alpha", 1, 0)]

    for _ in range(2):
        note_heard(objects, "ann", "history", tracks)
    first = read_document(objects, seeds_key("ann"))
    note_heard(objects, "ann", "history", [HeardTrack("Air", "Venus", 2, 4)])

    assert read_document(objects, seeds_key("ann")) == first
    assert first[0] == {"history": [["Air", "Venus", 3, 9], ["Air", "Alpha", 1, 0]]}
