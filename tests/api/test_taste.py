from dataclasses import replace

import numpy as np
import pytest

from tests.api.conftest import LISTENER
from timbral.api.answers.taste import taste_summary


def test_the_planted_blocks_come_first(ask, view):
    number = view.world.listeners.index(LISTENER)
    planted = {view.genre(block) for block in view.world.listener_blocks[number].tolist()}

    taste = ask.get("/taste/summary").json()

    assert {genre["name"] for genre in taste["genres"][: len(planted)]} == planted


def test_counts_are_those_of_the_plays(ask, view):
    profile = view.listener(LISTENER)

    taste = ask.get("/taste/summary").json()

    assert taste["plays_count"] == profile.plays.sum()
    assert taste["tracks_count"] == len(profile.rows)
    assert taste["discovery_rate"] == pytest.approx(len(profile.rows) / profile.plays.sum(), abs=1e-4)
    assert 0 <= taste["mainstreaminess"] <= 1


def test_the_last_90_days_are_a_part_of_all(ask, view):
    profile = view.listener(LISTENER)

    recent = ask.get("/taste/summary", params={"window": "90d"}).json()

    assert recent["plays_count"] == profile.recent_plays.sum() < profile.plays.sum()
    assert recent["window"] == "90d"


def test_shorter_windows_are_parts_of_longer_ones(ask, view):
    profile = view.listener(LISTENER)

    found = [ask.get("/taste/summary", params={"window": window}).json() for window in ("7d", "30d", "90d")]

    assert [taste["plays_count"] for taste in found] == [
        counts.sum() for counts in (profile.week_plays, profile.month_plays, profile.recent_plays)
    ]
    for taste in found:
        if taste["plays_count"]:
            assert sum(taste["listening_clock"]) == pytest.approx(1)
            assert 0 <= taste["discovery_rate"] <= 1
            assert 0 <= taste["mainstreaminess"] <= 1


def test_artists_add_up_over_their_tracks(ask, view):
    profile = view.listener(LISTENER)
    cards = view.cards(profile.rows)

    top = ask.get("/taste/summary").json()["artists"][0]

    plays = [
        int(count) for card, count in zip(cards, profile.plays, strict=True) if card.artist_id == top["id"]
    ]
    assert top["plays_count"] == sum(plays)


def test_distributions_sum_to_one(ask):
    taste = ask.get("/taste/summary").json()

    assert sum(taste["mood_distribution"].values()) == pytest.approx(1, abs=1e-3)
    assert sum(taste["listening_clock"]) == pytest.approx(1, abs=1e-2)
    assert len(taste["listening_clock"]) == 24


def test_nothing_is_known_of_a_newcomer(newcomer):
    taste = newcomer.get("/taste/summary").json()

    assert taste["known"] is False
    assert taste["plays_count"] == 0
    assert taste["genres"] == taste["artists"] == taste["moods"] == []
    assert taste["mainstreaminess"] is None


def test_plays_without_times_leave_the_clock_empty(view):
    profile = view.listener(LISTENER)
    untimed = replace(profile, hour_counts=(), recent_plays=np.zeros_like(profile.recent_plays))

    assert taste_summary(view, untimed, "all", 5).listening_clock == ()
    assert taste_summary(view, untimed, "90d", 5).plays_count == 0


def test_taste_pages_on_to_the_end_of_its_longest_list(ask):
    whole = ask.get("/taste/summary", params={"limit": 50}).json()
    paged, cursor = {"genres": [], "artists": [], "moods": []}, None
    while True:
        page = ask.get("/taste/summary", params={"limit": 4} | ({"cursor": cursor} if cursor else {})).json()
        for name in paged:
            paged[name] += page[name]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    for name, shares in paged.items():
        assert shares[:50] == whole[name]
    assert ask.get("/taste/summary", params={"cursor": "MjAtMGYxZTJkM2M0YjVhNjk3OA"}).status_code == 400


def test_a_cursor_of_taste_is_good_for_its_window_only(ask):
    cursor = ask.get("/taste/summary", params={"limit": 1}).json()["next_cursor"]

    assert ask.get("/taste/summary", params={"cursor": cursor, "window": "90d"}).status_code == 410
