import numpy as np
import pytest

from timbral.api.answers.similar import blend


def test_similar_tracks_are_of_the_seeds_block(ask, view):
    seed = 120

    tracks = ask.get(f"/recs/track/{view.track_id(seed)}", params={"limit": 20}).json()["tracks"]

    blocks = view.world.track_block[view.rows([track["track_id"] for track in tracks])]
    assert (blocks == view.world.track_block[seed]).mean() >= 0.9


def test_the_seed_is_not_like_itself(ask, view):
    answer = ask.get(f"/recs/track/{view.track_id(7)}", params={"limit": 100}).json()

    assert answer["seed"]["track_id"] == view.track_id(7)
    assert view.track_id(7) not in [track["track_id"] for track in answer["tracks"]]


def test_scores_fall_and_each_track_says_why(ask, view):
    tracks = ask.get(f"/recs/track/{view.track_id(7)}").json()["tracks"]

    scores = [track["score"] for track in tracks]
    assert scores == sorted(scores, reverse=True)
    assert all(track["why"]["rule"] == "similar_to_track" for track in tracks)
    assert all(track["why"]["tracks"][0]["track_id"] == view.track_id(7) for track in tracks)
    assert any(track["why"]["tags"] for track in tracks)


def test_co_listening_lifts_what_is_equally_near():
    blended = blend(np.float32([0.5, 0.5]), np.float32([0.0, 0.8]))

    assert blended[1] > blended[0]


def test_filters_hold_for_near_and_for_co_listened_tracks(ask, view):
    genre = view.genre(2)
    params = {"genres": genre.upper(), "moods": "dark", "year_from": 1980, "year_to": 2010, "limit": 100}

    tracks = ask.get(f"/recs/track/{view.track_id(7)}", params=params).json()["tracks"]

    assert tracks
    for track in tracks:
        assert track["genres"] == [genre]
        assert "dark" in track["moods"]
        assert 1980 <= track["year"] <= 2010


def test_a_genre_that_nobody_knows_matches_nothing(ask, view):
    answer = ask.get(f"/recs/track/{view.track_id(7)}", params={"genres": "' OR 1=1 --"})

    assert answer.status_code == 200
    assert answer.json()["tracks"] == []


def test_pages_follow_each_other_without_repeats(ask, view):
    address = f"/recs/track/{view.track_id(7)}"
    whole = ask.get(address, params={"limit": 60}).json()["tracks"]
    paged, cursor = [], None
    for _ in range(3):
        answer = ask.get(address, params={"limit": 20} | ({"cursor": cursor} if cursor else {})).json()
        paged += answer["tracks"]
        cursor = answer["next_cursor"]

    assert paged == whole


@pytest.mark.parametrize("track_id", ["0" * 32, "nobody-knows-me"])
def test_an_unknown_track_is_not_found(ask, track_id):
    answer = ask.get(f"/recs/track/{track_id}")

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:timbral:problem:not-found"


def test_links_lead_to_the_same_question_about_the_track(ask, view):
    track = ask.get(f"/recs/track/{view.track_id(7)}").json()["tracks"][0]

    assert ask.get(track["links"]["similar"]).json()["seed"]["track_id"] == track["track_id"]
    assert track["links"]["lastfm"].startswith("https://www.last.fm/music/")
