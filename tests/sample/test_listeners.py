"""Simulated listeners behave like people, and their tastes can be found again."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from timbral.errors import InvalidInput
from timbral.sample.catalogue import load_catalogue
from timbral.sample.listeners import simulate_histories
from timbral.sample.names import NAMES
from timbral.sample.scenes import SCENES, tracks_of
from timbral.sample.tastes import planted_tastes

NOW_UTS = 1_760_000_000
SPAN_S = 540 * 86_400


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue()


@pytest.fixture(scope="module")
def tastes(catalogue):
    return planted_tastes(catalogue)


@pytest.fixture(scope="module")
def plays(catalogue):
    return list(simulate_histories(catalogue, now_uts=NOW_UTS))


def test_the_same_seed_gives_the_same_plays(catalogue):
    one, again = (list(simulate_histories(catalogue, 5, seed=3, now_uts=NOW_UTS)) for _ in range(2))

    assert one == again


def test_another_seed_gives_other_plays(catalogue):
    one, other = (list(simulate_histories(catalogue, 5, seed=seed, now_uts=NOW_UTS)) for seed in (3, 4))

    assert one != other


def test_a_later_now_moves_the_plays_and_leaves_the_tastes(catalogue, tastes):
    later = list(simulate_histories(catalogue, now_uts=NOW_UTS + 86_400_000))

    held_out = {(name, *track.key) for name, taste in tastes.items() for track in taste.held_out}
    assert min(play.uts for play in later) > NOW_UTS + 86_400_000 - SPAN_S
    assert not held_out & {(play.listener, play.artist, play.track) for play in later}


def test_everybody_plays_a_believable_amount_within_the_time(plays, tastes):
    counts = Counter(play.listener for play in plays)

    assert set(counts) == set(tastes)
    assert all(150 <= count <= 600 for count in counts.values())
    assert all(NOW_UTS - SPAN_S <= play.uts < NOW_UTS for play in plays)


def test_a_listeners_times_ascend_and_are_all_different(plays):
    times = defaultdict(list)
    for play in plays:
        times[play.listener].append(play.uts)

    assert all((np.diff(own) >= 150).all() for own in times.values())


def test_known_tracks_are_played_and_held_out_ones_are_not(plays, tastes):
    heard = defaultdict(set)
    for play in plays:
        heard[play.listener].add((play.artist, play.track))

    for name, taste in tastes.items():
        assert {track.key for known in taste.known for track in known} <= heard[name]
        assert not {track.key for track in taste.held_out} & heard[name]


def test_held_out_tracks_fit_the_plant(tastes, catalogue):
    pools = {scene.name: {track.key for track in tracks_of(scene, catalogue)} for scene in SCENES}

    for taste in tastes.values():
        assert {track.key for track in taste.held_out} <= set().union(
            *(pools[scene.name] for scene in taste.scenes)
        )
        assert 2 <= len(taste.held_out) <= 20


def test_favourites_are_played_far_more_than_the_rest(plays):
    shares = []
    for name in NAMES[:20]:
        counts = sorted(Counter(p.track for p in plays if p.listener == name).values(), reverse=True)
        shares.append(sum(counts[: len(counts) // 5]) / sum(counts))

    assert np.mean(shares) > 0.4


def test_tastes_drift_from_the_first_scene_to_the_last(plays, tastes):
    drifts = []
    for name, taste in tastes.items():
        if len(taste.scenes) == 1:
            continue
        first = {track.key for track in taste.known[0]} - {track.key for track in taste.known[-1]}
        own = [(play.artist, play.track) in first for play in plays if play.listener == name]
        drifts.append(np.mean(own[: len(own) // 3]) - np.mean(own[-len(own) // 3 :]))

    assert np.mean(drifts) > 0.2


def test_people_listen_at_their_own_hour(plays):
    focus = []
    for name in NAMES[:20]:
        angles = [p.uts % 86_400 / 86_400 * 2 * np.pi for p in plays if p.listener == name]
        focus.append(np.hypot(np.cos(angles).mean(), np.sin(angles).mean()))

    assert np.mean(focus) > 0.6


def test_every_scene_has_tracks_and_listeners_enough_to_be_learned(catalogue, tastes):
    listeners = Counter(scene.name for taste in tastes.values() for scene in taste.scenes)

    assert all(14 <= len(tracks_of(scene, catalogue)) <= 30 for scene in SCENES)
    assert all(listeners[scene.name] >= 5 for scene in SCENES)


def test_a_few_tracks_are_never_played_and_have_only_their_content(catalogue, plays):
    played = {(play.artist, play.track) for play in plays}

    unplayed = [track for track in catalogue if track.key not in played]
    assert 20 <= len(unplayed) <= 0.1 * len(catalogue)


def test_likeness_of_listeners_finds_the_plant_and_popularity_does_not(catalogue, tastes, plays):
    places = {track.key: place for place, track in enumerate(catalogue)}
    heard = np.zeros((len(tastes), len(catalogue)))
    rows = {name: row for row, name in enumerate(tastes)}
    for play in plays:
        heard[rows[play.listener], places[play.artist, play.track]] = 1
    truth = [{places[track.key] for track in taste.held_out} for taste in tastes.values()]

    assert recall_at_20(np.tile(heard.sum(axis=0), (len(rows), 1)), heard, truth) <= 0.3
    assert recall_at_20(heard @ nearness(heard), heard, truth) >= 0.9


def test_genres_moods_and_tags_alone_find_most_of_the_plant(catalogue, tastes):
    places = {track.key: place for place, track in enumerate(catalogue)}
    heard = np.zeros((len(tastes), len(catalogue)))
    for row, taste in enumerate(tastes.values()):
        heard[row, [places[track.key] for known in taste.known for track in known]] = 1
    truth = [{places[track.key] for track in taste.held_out} for taste in tastes.values()]
    words = sorted({word for track in catalogue for word in described(track)})
    content = np.array([[word in described(track) for word in words] for track in catalogue], dtype=float)
    content *= np.log(len(catalogue) / content.sum(axis=0))

    assert recall_at_20(heard @ nearness(content.T) ** 1.5, heard, truth) >= 0.6


@pytest.mark.parametrize("count", [0, len(NAMES) + 1])
def test_more_listeners_than_names_are_refused(catalogue, count):
    with pytest.raises(InvalidInput, match="listeners_count"):
        planted_tastes(catalogue, count)


def test_names_are_all_different():
    assert len(set(NAMES)) == len(NAMES)


def described(track):
    return {track.family, *track.genres, *track.moods, *track.tags}


def nearness(rows):
    """Squared cosine between the columns of ``(n_rows, n_columns)``, 0 with itself."""
    cosine = rows.T @ rows
    lengths = np.sqrt(cosine.diagonal()) + 1e-9
    cosine = cosine / lengths / lengths[:, None]
    np.fill_diagonal(cosine, 0)
    return cosine**2


def recall_at_20(scores, heard, truth):
    top = np.argsort(-np.where(heard > 0, -np.inf, scores), axis=1, kind="stable")[:, :20]
    return np.mean(
        [len(own & set(row.tolist())) / min(20, len(own)) for row, own in zip(top, truth, strict=True)]
    )
