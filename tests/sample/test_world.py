"""The planted world is what tests take it for."""

import numpy as np
import pytest
from pyarrow import csv

from tests.world import make_world, recall_at, track_vectors, write_world


@pytest.fixture(scope="module")
def world():
    return make_world(listeners_count=200, tracks_count=1_500)


def heard(world):
    matrix = np.zeros((len(world.listeners), len(world.titles)))
    listener, track, _ = world.play_counts()
    matrix[listener, track] = 1
    return matrix


def top_20(scores, matrix):
    return np.argsort(-np.where(matrix > 0, -np.inf, scores), axis=1, kind="stable")[:, :20]


def test_the_same_arguments_make_the_same_world(world):
    again = make_world(listeners_count=200, tracks_count=1_500)

    assert np.array_equal(world.play_track, again.play_track)
    assert np.array_equal(world.play_uts, again.play_uts)
    assert np.array_equal(world.play_respelled, again.play_respelled)
    assert (world.titles == again.titles).all()


def test_names_are_unique(world):
    assert len(set(zip(world.artists, world.titles, strict=True))) == 1_500
    assert len(set(world.listeners)) == 200


def test_held_out_tracks_are_in_the_plant_and_never_played(world):
    matrix = heard(world)

    for listener, truth in enumerate(world.held_out):
        assert len(truth) > 0
        assert not matrix[listener, truth].any()
        assert np.isin(world.track_block[truth], world.listener_blocks[listener]).all()


def test_times_ascend_within_a_listener(world):
    same = np.diff(world.play_listener) == 0

    assert (np.diff(world.play_uts)[same] >= 180).all()


@pytest.mark.parametrize("size", [(40, 200), (200, 1_500)])
def test_likeness_of_listeners_finds_the_plant_and_popularity_does_not(size):
    world = make_world(*size)
    matrix = heard(world)
    lengths = np.sqrt(matrix.sum(axis=0)) + 1e-9
    cosine = matrix.T @ matrix / lengths / lengths[:, None]
    np.fill_diagonal(cosine, 0)

    assert recall_at(world, top_20(np.tile(matrix.sum(axis=0), (size[0], 1)), matrix)) <= 0.3
    assert recall_at(world, top_20(matrix @ cosine**2, matrix)) >= 0.9


def test_content_alone_finds_the_plant(world):
    matrix, vectors = heard(world), track_vectors(world)

    cosine = (vectors @ vectors.T).clip(0, 1)
    assert recall_at(world, top_20(matrix @ cosine**3, matrix)) >= 0.9
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_live_versions_stand_beside_their_studio_versions(world):
    assert len(world.live_versions) >= 20
    for live, studio in world.live_versions:
        assert world.titles[live] == world.titles[studio] + " - Live"
        assert world.artists[live] == world.artists[studio]


def test_duplicates_are_played_under_both_spellings(world):
    spelled = {track: set() for track in world.duplicates}
    for track, respelled in zip(world.play_track.tolist(), world.play_respelled.tolist(), strict=True):
        if track in spelled:
            spelled[track].add(respelled)

    assert not world.play_respelled[~np.isin(world.play_track, list(world.duplicates))].any()
    assert sum(seen == {True, False} for seen in spelled.values()) >= 0.9 * len(spelled)


def test_the_written_world_has_every_play_and_tag(world, tmp_path):
    plays, tags = (csv.read_csv(path) for path in write_world(world, tmp_path))

    assert plays.column_names == ["listener", "artist", "track", "album", "uts"]
    assert plays.num_rows == len(world.play_track)
    assert tags.column_names == ["artist", "track", "tag", "count"]
    assert tags.num_rows == len(world.tag_track)
    known = set(world.titles) | set(world.duplicates.values())
    assert set(plays["track"].to_pylist()) <= known


def test_tags_tell_blocks_apart(world):
    owners = {}
    for track, tag in zip(world.tag_track.tolist(), world.tag_name.tolist(), strict=True):
        if " " in tag and tag.split()[0].islower() and tag not in {"seen live", "check out", "female vocals"}:
            owners.setdefault(tag, set()).add(int(world.track_block[track]))

    assert all(len(blocks) == 1 for tag, blocks in owners.items() if tag != "albums I own")


def test_a_hundred_thousand_tracks_take_seconds():
    world = make_world(listeners_count=300, tracks_count=100_000)

    assert len(world.titles) == 100_000
    assert len(set(world.titles)) == 100_000
