"""The stage from tables to a release that is served, on a planted world."""

import numpy as np
import pytest

from tests.embeddings.hashed_encoder import HashedEncoder
from tests.recommender.stored_world import TEXT_DIMENSION, store_world
from tests.world import recall_at
from timbral.errors import NotFound
from timbral.progress import Silent
from timbral.recommender.known import read_known
from timbral.recommender.models.als import Als, AlsSettings
from timbral.recommender.models.content import from_vectors
from timbral.recommender.models.fused import Fused
from timbral.recommender.models.interactions import to_csr
from timbral.recommender.release.opened import MARGIN
from timbral.recommender.release.source import CurrentRelease
from timbral.recommender.release.view import TrackFilter
from timbral.recommender.run import RecommenderSettings, run
from timbral.store.releases import Releases

SETTINGS = RecommenderSettings(als=AlsSettings(factors=16, iterations=8, threads=1))


def publish(tables, stored, settings=SETTINGS):
    return run(tables, Releases(tables.objects), stored.pins, Silent(), settings=settings, now_uts=1)


def opened(tables, clock_s=lambda: 0.0):
    encoder = HashedEncoder(TEXT_DIMENSION)
    return CurrentRelease(Releases(tables.objects), tables.scratch / "releases", lambda: encoder, clock_s)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    from timbral.store.obstore_objects import open_objects
    from timbral.store.tables import Tables

    folder = tmp_path_factory.mktemp("world")
    tables = Tables(open_objects(str(folder / "store")), folder / "scratch")
    stored = store_world(tables, listeners_count=60, tracks_count=300)
    result = publish(tables, stored)
    return tables, stored, result, opened(tables).current()


def test_planted_tastes_are_given_back(served):
    _, stored, result, view = served
    top = []
    for name in stored.world.listeners:
        profile = view.listener(str(name))
        scores = view.scores(profile.factors, profile.taste_vector, profile.rows).copy()
        scores[profile.rows] = -np.inf
        top.append(np.argsort(-scores)[:20])

    assert result.notes["served"]
    assert recall_at(stored.world, np.array(top)) >= 0.8


def test_popularity_does_not_solve_the_plant(served):
    _, stored, _, view = served
    popularity = view.columns().plays
    top = []
    for name in stored.world.listeners:
        scores = popularity.astype(float).copy()
        scores[view.listener(str(name)).rows] = -np.inf
        top.append(np.argsort(-scores)[:20])

    assert recall_at(stored.world, np.array(top)) <= 0.3


def test_the_evaluation_and_the_decision_are_in_the_manifest(served):
    tables, _, result, _ = served
    manifest = Releases(tables.objects).manifest(result.notes["release"])
    models = manifest.metrics["models"]

    assert models["fused"]["ndcg@10"] > models["popularity"]["ndcg@10"]
    assert manifest.decision["promote"]
    assert manifest.decision["fit"] > 0.9


def test_a_second_run_over_the_same_snapshots_computes_nothing(served):
    tables, stored, result, _ = served
    again = publish(tables, stored)

    assert again.computed_count == 0
    assert again.notes["release"] == result.notes["release"]


def test_the_same_inputs_give_the_same_files(served, tmp_path):
    from timbral.store.obstore_objects import open_objects
    from timbral.store.tables import Tables

    tables, _, result, _ = served
    other = Tables(open_objects(str(tmp_path / "store")), tmp_path / "scratch")
    twin = publish(other, store_world(other, listeners_count=60, tracks_count=300))
    files = Releases(tables.objects).manifest(result.notes["release"]).files
    twins = Releases(other.objects).manifest(twin.notes["release"]).files

    def without_index(named):
        return {name: digest for name, digest in named.items() if not name.startswith("tracks.lance/")}

    assert twin.notes["release"] == result.notes["release"]
    assert without_index(twins) == without_index(files)


def test_tracks_are_found_by_id_and_by_retired_id(served):
    _, stored, _, view = served

    assert view.rows([stored.track_ids[5], "f" * 32, "unknown"]).tolist() == [5, 0, -1]


def test_the_nearest_tracks_are_of_the_same_block(served):
    _, stored, _, view = served
    block = stored.world.track_block
    rows = view.near(view.vectors([7])[0], 6, TrackFilter())

    assert 7 in rows
    assert np.mean(block[rows[rows != 7]] == block[7]) >= 0.8


def test_filters_hold_in_memory_and_in_the_index_alike(served):
    _, _, _, view = served
    only = TrackFilter(moods=("dark",), year_from=1992, year_to=1994)
    vector = view.vectors([0])[0]
    exact = view.near(vector, 10, only)
    index = view._search_index.near(vector, 10, only)

    assert all(card.moods == ("dark",) and 1992 <= card.year <= 1994 for card in view.cards(exact))
    assert set(index.tolist()) == set(exact.tolist())


def test_a_large_release_asks_the_index(served, monkeypatch):
    *_, view = served
    probes = view.vectors([0, 40, 80])
    only = TrackFilter(year_from=1991)
    exact = view.near(probes[0], 10, only)
    together = view.nearest_many(probes, 10, only)
    monkeypatch.setattr("timbral.recommender.release.opened.EXACT_UP_TO", 0)

    indexed = view.near(probes[0], 10, only)

    assert set(exact.tolist()) <= set(indexed.tolist())
    assert len(indexed) == len(set(indexed.tolist())) <= 10 + MARGIN
    assert set(view.nearest_many(probes, 10, only).tolist()) == set(together.tolist())


def test_a_name_is_found_first_even_misspelt(served):
    _, stored, _, view = served
    artist, title = str(stored.world.artists[11]), str(stored.world.titles[11])
    rows, _ = view.search(f"{title} {artist}", 5, TrackFilter())

    misspelt, _ = view.search(f"{title[:-1]}q {artist}", 5, TrackFilter())

    assert rows[0] == misspelt[0] == 11
    assert view.suggest(artist[:-2] + artist[-1]) is not None
    assert view.suggest(artist) is None


def test_words_are_found_within_a_filter(served):
    _, _, _, view = served
    genre = view.cards([3])[0].genres[0]
    rows, scores = view.search(genre, 10, TrackFilter(genres=(genre,)))

    assert len(rows) > 0
    assert all(genre in card.genres for card in view.cards(rows))
    assert np.all(np.diff(scores) <= 0)


@pytest.mark.parametrize("text", ["'); DROP TABLE", "\x00", "😀", "((((", "AND OR NOT", '"', "  "])
def test_any_text_can_be_searched_for(served, text):
    *_, view = served

    rows, scores = view.search(text, 5, TrackFilter(genres=("it's",)))
    assert len(rows) == len(scores)


def test_folding_in_a_listeners_plays_gives_their_own_place(served):
    _, stored, _, view = served
    profile = view.listener(str(stored.world.listeners[0]))
    factors, taste = view.fold_in(profile.rows, profile.plays)

    assert np.linalg.norm(factors - profile.factors) <= 0.01 * np.linalg.norm(profile.factors)
    assert np.allclose(taste, profile.taste_vector, atol=1e-5)


@pytest.mark.parametrize("count", [1, 4, 9, 40])
def test_what_is_served_is_what_is_measured(served, count):
    tables, stored, _, view = served
    known = read_known(tables, stored.pins)
    model = Fused(Als(SETTINGS.als), SETTINGS.blend)
    model.fit(known.interactions, from_vectors(known.vectors), Silent())
    rows = np.sort(np.random.default_rng(count).choice(300, count, replace=False))
    plays = to_csr(np.ones(count), np.zeros(count, np.int64), rows, (1, 300))

    factors, taste = view.fold_in(rows.tolist(), [1.0] * count)

    np.testing.assert_allclose(view.scores(factors, taste, rows), model.score(plays)[0], atol=2e-3)


def test_an_unknown_listener_is_none(served):
    *_, view = served

    assert view.listener("nobody") is None


def test_without_a_release_there_is_a_clear_answer(folder_tables):
    with pytest.raises(NotFound, match="no release is served yet"):
        opened(folder_tables).current()


def test_a_moved_pointer_is_seen_and_a_view_stays_whole(folder_tables):
    stored = store_world(folder_tables, listeners_count=20, tracks_count=60)
    first = publish(folder_tables, stored)
    now_s = [0.0]
    source = opened(folder_tables, lambda: now_s[0])
    before = source.current()
    other = RecommenderSettings(als=AlsSettings(factors=8, iterations=8, threads=1))
    second = publish(folder_tables, stored, other)

    assert source.current().release == first.notes["release"]
    now_s[0] = 60.0
    after = source.current()
    assert after.release == second.notes["release"] != before.release
    assert before.listener(str(stored.world.listeners[0])).factors.shape == (16,)
    assert after.listener(str(stored.world.listeners[0])).factors.shape == (8,)


def test_a_release_over_s3_answers_as_one_in_a_folder(served, tables):
    _, stored, _, view = served
    remote_stored = store_world(tables, listeners_count=60, tracks_count=300)
    publish(tables, remote_stored)
    remote = opened(tables).current()
    artist = str(stored.world.artists[11])

    assert remote.release == view.release
    assert (
        remote.search(artist, 5, TrackFilter())[0].tolist()
        == view.search(artist, 5, TrackFilter())[0].tolist()
    )
    assert remote.cards([0, 3]) == view.cards([0, 3])


def test_a_rolled_back_release_is_not_served_again_by_itself(folder_tables):
    stored = store_world(folder_tables, listeners_count=20, tracks_count=60)
    releases = Releases(folder_tables.objects)
    first = publish(folder_tables, stored)
    other = RecommenderSettings(als=AlsSettings(factors=8, iterations=8, threads=1))
    publish(folder_tables, stored, other)
    releases.rollback()

    again = publish(folder_tables, stored, other)

    assert not again.notes["served"]
    assert releases.current().release == first.notes["release"]
