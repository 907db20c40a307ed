from collections import Counter
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.conftest import LISTENER, Shelf, client_of
from tests.api.memory_release import MemoryRelease
from timbral.api.answers.ranking import Allowance, Ranking, take
from timbral.api.application import create_app
from timbral.api.identity import Identity

CAROUSELS = ["for_you", "new_and_hype", "genre_mixes", "mood_mixes", "rediscover"]
VIEW = MemoryRelease()


def tracks_of(page):
    return [
        track
        for carousel in page["carousels"]
        for track in [*carousel["tracks"], *(t for mix in carousel["mixes"] for t in mix["tracks"])]
    ]


def ids_of(page):
    return [track["track_id"] for track in tracks_of(page)]


def carousel_of(page, name):
    return next(carousel for carousel in page["carousels"] if carousel["carousel"] == name)


def test_home_has_five_carousels_in_a_fixed_order(ask):
    page = ask.get("/recs/home").json()

    assert [carousel["carousel"] for carousel in page["carousels"]] == CAROUSELS
    assert all(carousel["tracks"] or carousel["mixes"] for carousel in page["carousels"])


@settings(max_examples=15)
@given(
    listener=st.sampled_from([*VIEW.world.listeners[:5], "somebody-new"]),
    limit=st.integers(1, 50),
    discovery=st.floats(0, 1),
)
def test_no_track_is_twice_on_a_page_and_no_carousel_too_long(listener, limit, discovery):
    shelf = Shelf(VIEW)
    ask = client_of(create_app(shelf, Identity(development=True), shelf), listener)

    page = ask.get("/recs/home", params={"limit": limit, "discovery": discovery}).json()

    ids = ids_of(page)
    assert len(set(ids)) == len(ids)
    assert all(len(carousel["tracks"]) <= limit for carousel in page["carousels"])


def test_a_page_stays_the_same_all_day_and_is_another_tomorrow(ask, shelf):
    morning = ask.get("/recs/home").json()
    shelf.now += timedelta(hours=14)
    evening = ask.get("/recs/home").json()
    shelf.now += timedelta(hours=1)
    tomorrow = ask.get("/recs/home").json()

    assert evening == morning
    assert ids_of(tomorrow) != ids_of(morning)
    for name in ("for_you", "rediscover"):
        assert carousel_of(tomorrow, name)["tracks"] != carousel_of(morning, name)["tracks"]


def test_for_you_gives_the_planted_taste_back(app, view):
    found = []
    for number in range(20):
        page = client_of(app, view.world.listeners[number]).get("/recs/home", params={"limit": 20}).json()
        rows = view.rows([track["track_id"] for track in carousel_of(page, "for_you")["tracks"]])
        truth = view.world.held_out[number]
        found.append(len(np.intersect1d(rows, truth)) / min(len(truth), 20))

    assert np.mean(found) >= 0.8


def test_for_you_and_new_and_hype_offer_nothing_played_and_rediscover_nothing_else(ask):
    page = ask.get("/recs/home").json()

    assert not any(t["in_library"] for t in carousel_of(page, "for_you")["tracks"])
    assert not any(t["in_library"] for t in carousel_of(page, "new_and_hype")["tracks"])
    assert all(t["in_library"] for t in carousel_of(page, "rediscover")["tracks"])


def test_rediscover_brings_back_what_rests(ask, view):
    profile = view.listener(LISTENER)
    resting = set(profile.rows[profile.recent_plays == 0].tolist())

    page = ask.get("/recs/home").json()

    tracks = carousel_of(page, "rediscover")["tracks"]
    assert set(view.rows([track["track_id"] for track in tracks]).tolist()) <= resting
    assert all("You played it" in track["why"]["text"] for track in tracks)


def test_mixes_hold_what_their_titles_say(ask):
    page = ask.get("/recs/home").json()

    for mix in carousel_of(page, "genre_mixes")["mixes"]:
        assert all(mix["title"] in track["genres"] for track in mix["tracks"])
    for mix in carousel_of(page, "mood_mixes")["mixes"]:
        assert all(mix["title"].lower() in track["moods"] for track in mix["tracks"])


def test_the_dial_goes_from_known_artists_to_unknown_ones(ask, view):
    profile = view.listener(LISTENER)
    known = {card.artist for card in view.cards(profile.rows)}
    shares = []
    for discovery in (0, 0.5, 1):
        page = ask.get("/recs/home", params={"discovery": discovery, "limit": 20}).json()
        tracks = carousel_of(page, "for_you")["tracks"]
        shares.append(sum(track["artist"] in known for track in tracks) / len(tracks))

    assert shares[0] == 1 >= shares[1] > shares[2] == 0


def test_the_dial_leaves_less_of_the_library_in_the_mixes(ask):
    played = []
    for discovery in (0, 1):
        page = ask.get("/recs/home", params={"discovery": discovery}).json()
        played.append(sum(t["in_library"] for t in tracks_of({"carousels": page["carousels"][2:4]})))

    assert played[0] > played[1]


def test_every_track_says_why(ask):
    page = ask.get("/recs/home").json()

    for carousel in page["carousels"]:
        for track in tracks_of({"carousels": [carousel]}):
            assert track["why"]["rule"] == carousel["carousel"]
            assert track["why"]["text"].endswith(".")
    assert any(track["why"]["tracks"] for track in carousel_of(page, "for_you")["tracks"])
    assert any(track["why"]["tags"] for track in carousel_of(page, "for_you")["tracks"])


def test_reasons_name_tracks_of_the_listener_only(ask, view):
    library = set(view.listener(LISTENER).rows.tolist())

    page = ask.get("/recs/home").json()

    cited = {cited["track_id"] for track in tracks_of(page) for cited in track["why"]["tracks"]}
    assert cited
    assert set(view.rows(list(cited)).tolist()) <= library


def test_a_newcomer_gets_what_is_popular_and_is_told_so(newcomer, view):
    page = newcomer.get("/recs/home", params={"limit": 20}).json()

    tracks = carousel_of(page, "for_you")["tracks"]
    assert page["newcomer"]
    assert np.mean([track["popularity"] for track in tracks]) > 0.8
    assert len({track["artist"] for track in tracks}) >= 10
    assert len({track["genres"][0] for track in tracks}) >= 4
    assert all("Popular" in track["why"]["text"] for track in tracks)
    assert len(page["carousels"]) == 5
    assert carousel_of(page, "rediscover")["tracks"]
    del view


def test_two_newcomers_get_different_pages(app):
    pages = [client_of(app, name).get("/recs/home").json() for name in ("anna", "bela")]

    assert ids_of(pages[0]) != ids_of(pages[1])


def test_pages_share_no_track_and_come_to_an_end(ask):
    seen, cursor = [], None
    for _ in range(20):
        page = ask.get("/recs/home", params={"limit": 20} | ({"cursor": cursor} if cursor else {})).json()
        seen += ids_of(page)
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert cursor is None
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("change", ["day", "release", "limit", "discovery", "listener"])
def test_a_cursor_is_good_for_its_question_only(ask, app, shelf, change):
    cursor = ask.get("/recs/home", params={"limit": 5}).json()["next_cursor"]
    params = {"limit": 5, "cursor": cursor}
    if change == "day":
        shelf.now += timedelta(days=1)
    if change == "release":
        shelf.view = MemoryRelease(shelf.view.world, release="planted-2")
    if change in params | {"discovery": 0}:
        params[change] = {"limit": 6, "discovery": 0.9}[change]
    client = client_of(app, "somebody-else") if change == "listener" else ask

    answer = client.get("/recs/home", params=params)

    assert answer.status_code == 410
    assert answer.json()["type"] == "urn:timbral:problem:cursor-stale"


def test_an_artist_has_its_turn_in_one_list_and_is_passed_over_in_the_next():
    artists, seen, used = np.array([0] * 6 + [1] * 6), Counter(), set()
    ranking = Ranking(np.arange(12), np.linspace(1, 0, 12))

    lists = [take(ranking, artists, used, 3, 2, Allowance(seen, 2)).rows.tolist() for _ in range(2)]
    short = take(ranking, artists, used, 3, 2, Allowance(seen, 2)).rows.tolist()

    assert lists == [[0, 1, 6], [7, 2, 3]]
    assert short == [4, 5, 8]


def test_what_is_newest_fills_up_what_nobody_talks_of(view):
    quiet = MemoryRelease(view.world)
    quiet._columns = replace(
        quiet._columns,
        years=np.where(np.arange(quiet.tracks_count) < 3, 2020, 1990),
        first_played_uts=None,
        recent_plays=None,
    )
    shelf = Shelf(quiet)
    ask = client_of(create_app(shelf, Identity(development=True), shelf), LISTENER)

    tracks = carousel_of(ask.get("/recs/home").json(), "new_and_hype")["tracks"]

    assert len(tracks) == 12
    assert any("there is little newer" in track["why"]["text"] for track in tracks)
