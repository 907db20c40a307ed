import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.conftest import LISTENER
from tests.api.memory_release import MemoryRelease
from timbral.api.answers.autofill import autofill, centroid, probes, votes
from timbral.api.answers.wishes import AutofillWish, Exclusion
from timbral.recommender.release.view import TrackFilter

VIEW = MemoryRelease()


def filled(ask, **wish):
    answer = ask.post("/playlists/autofill", json=wish)
    assert answer.status_code == 200, answer.text
    return answer.json()["tracks"]


def rows_of(view, tracks):
    return view.rows([track["track_id"] for track in tracks])


def block_seeds(view, *blocks, count=4):
    return [
        view.track_id(row)
        for block in blocks
        for row in np.flatnonzero(view.world.track_block == block)[:count]
    ]


def test_every_block_of_the_seeds_gets_tracks(newcomer, view):
    tracks = filled(newcomer, seeds=block_seeds(view, 0, 3, 6), k=30, artist_cap=20)

    blocks, counts = np.unique(view.world.track_block[rows_of(view, tracks)], return_counts=True)
    assert {0, 3, 6} <= set(blocks.tolist())
    assert counts[np.isin(blocks, [0, 3, 6])].sum() >= 24


def test_seeds_the_library_and_the_excluded_stay_off(ask, view):
    seeds = block_seeds(view, 1)
    excluded = [view.track_id(row) for row in np.flatnonzero(view.world.track_block == 1)[10:20]]

    tracks = filled(ask, seeds=seeds, k=100, artist_cap=100, exclude={"track_ids": excluded})

    ids = {track["track_id"] for track in tracks}
    assert ids.isdisjoint(seeds)
    assert ids.isdisjoint(excluded)
    assert set(rows_of(view, tracks).tolist()).isdisjoint(view.listener(LISTENER).rows.tolist())


def test_the_library_may_be_let_in(ask, view):
    number = view.world.listeners.index(LISTENER)
    seeds = block_seeds(view, int(view.world.listener_blocks[number][0]))

    tracks = filled(ask, seeds=seeds, k=50, artist_cap=50, exclude={"library": False})

    assert any(track["in_library"] for track in tracks)


@settings(max_examples=20)
@given(
    rows=st.lists(st.integers(0, 399), min_size=1, max_size=30, unique=True),
    count=st.integers(1, 60),
    diversity=st.floats(0, 1),
    cap=st.integers(1, 4),
)
def test_caps_counts_and_exclusions_always_hold(rows, count, diversity, cap):
    wish = AutofillWish(
        tuple(VIEW.track_id(row) for row in rows), count, diversity, cap, TrackFilter(), Exclusion()
    )

    tracks = autofill(VIEW, None, wish)

    chosen = [track.card.row for track in tracks]
    artists = [track.card.artist_id for track in tracks]
    assert len(chosen) == len(set(chosen)) <= count
    assert not set(chosen) & set(rows)
    assert all(artists.count(artist) <= cap for artist in artists)


def test_include_and_exclude_conditions_hold(newcomer, view):
    artist = view.cards([70])[0].artist_id
    tracks = filled(
        newcomer,
        seeds=block_seeds(view, 1),
        k=40,
        artist_cap=40,
        include={"year_from": 1990, "moods": ["happy", "dark"]},
        exclude={"moods": ["sad"], "genres": [view.genre(2).upper()], "artist_ids": [artist]},
    )

    assert tracks
    for track in tracks:
        assert track["year"] >= 1990
        assert {"happy", "dark"} & set(track["moods"])
        assert "sad" not in track["moods"]
        assert view.genre(2) not in track["genres"]
        assert track["artist_id"] != artist


def test_more_diversity_means_less_alike(newcomer, view):
    likeness = []
    for diversity in (0, 0.9):
        tracks = filled(newcomer, seeds=block_seeds(view, 1), k=20, artist_cap=20, mmr_lambda=diversity)
        vectors = view.vectors(rows_of(view, tracks))
        likeness.append((vectors @ vectors.T).mean())

    assert likeness[1] < likeness[0]


def test_one_close_seed_outvotes_many_lukewarm_ones():
    close_to_one, lukewarm_to_all = [0.95, 0.0, 0.0, 0.0], [0.4, 0.4, 0.4, 0.4]

    scores = votes(np.float32([close_to_one, lukewarm_to_all]), np.zeros(2, np.float32))

    assert scores[0] > scores[1]


def test_what_is_played_with_the_seeds_gets_votes_too():
    scores = votes(np.float32([[0.5], [0.5]]), np.float32([0.0, 0.9]))

    assert scores[1] > scores[0]


def test_probes_reach_every_group_of_seeds():
    centres = np.eye(8, 16, dtype=np.float32)
    seeds = np.repeat(centres, 12, axis=0) + np.random.default_rng(1).normal(0, 0.02, (96, 16)).astype(
        np.float32
    )
    seeds /= np.linalg.norm(seeds, axis=1, keepdims=True)

    points = probes(seeds, 8)

    assert len(points) == 8
    assert ((points @ centres.T).max(axis=0) > 0.95).all()


def test_the_reason_names_seeds(newcomer, view):
    seeds = block_seeds(view, 1)

    tracks = filled(newcomer, seeds=seeds, k=5)

    cited = {cited["track_id"] for track in tracks for cited in track["why"]["tracks"]}
    assert cited
    assert cited <= set(seeds)


def test_unknown_and_repeated_seeds_are_refused_by_name(ask, view):
    unknown = ask.post("/playlists/autofill", json={"seeds": [view.track_id(1), "nobody"]})
    repeated = ask.post("/playlists/autofill", json={"seeds": [view.track_id(1)] * 2})

    assert unknown.status_code == repeated.status_code == 400
    assert unknown.json()["field"] == "seeds"
    assert "nobody" in unknown.json()["detail"]
    assert repeated.json()["field"] == "body.seeds"


def test_conditions_that_nothing_meets_give_an_empty_list(ask, view):
    assert filled(ask, seeds=block_seeds(view, 1), include={"genres": ["no such genre"]}) == []
    assert filled(ask, seeds=block_seeds(view, 1), include={"year_from": 2090}) == []


@pytest.mark.parametrize("k", [1, 200])
def test_as_many_tracks_as_asked_come_back_where_there_are_enough(newcomer, view, k):
    assert len(filled(newcomer, seeds=block_seeds(view, 0, 1), k=k, artist_cap=200)) == k


def test_the_centroid_stays_selectable(newcomer, view):
    seeds = block_seeds(view, 0, 3, 6)

    voted = filled(newcomer, seeds=seeds, k=20)
    central = filled(newcomer, seeds=seeds, k=20, method="centroid")
    refused = newcomer.post("/playlists/autofill", json={"seeds": seeds, "method": "guess"})

    assert [track["track_id"] for track in central] != [track["track_id"] for track in voted]
    assert refused.status_code == 400


def test_the_centroid_ranks_by_likeness_to_the_middle():
    seeds = VIEW.vectors([0, 100, 200])
    vectors = VIEW.vectors(list(range(400)))

    scores = centroid(vectors @ seeds.T, np.ones(400, np.float32))

    assert np.argmax(scores) == np.argmax(vectors @ seeds.mean(axis=0))


def test_a_long_list_can_be_had_in_parts(ask, view):
    wish = {"seeds": block_seeds(view, 1, 4), "k": 40}
    whole = ask.post("/playlists/autofill", json=wish).json()
    parts, cursor = [], None
    for _ in range(5):
        page = ask.post(
            "/playlists/autofill", json={**wish, "limit": 15} | ({"cursor": cursor} if cursor else {})
        ).json()
        parts += page["tracks"]
        last, cursor = cursor, page["next_cursor"]
        if cursor is None:
            break
    other = ask.post("/playlists/autofill", json={**wish, "k": 41, "cursor": last})

    assert whole["next_cursor"] is None
    assert parts == whole["tracks"]
    assert other.status_code == 410
