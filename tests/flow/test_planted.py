"""The whole flow over the sample world, as `make demo` runs it: planted tastes come back."""

import time

import numpy as np
import pytest

from timbral.core.normalise import identify, track_id
from timbral.flow import run_steps
from timbral.progress import Silent
from timbral.raw.importing import import_path
from timbral.sample.catalogue import load_catalogue
from timbral.sample.files import write_sample_files
from timbral.sample.listeners import planted_tastes
from timbral.sample.spellings import KEPT_APART, spellings
from timbral.settings import Settings
from timbral.stage import STAGES
from timbral.wiring import Services

pytestmark = pytest.mark.slow
NOW_UTS = 1_763_000_000


@pytest.fixture(scope="module")
def flown(tmp_path_factory):
    """Services over a store that the flow has run on, and the reports of its steps."""
    folder = tmp_path_factory.mktemp("sample")
    services = Services(Settings(store_root=str(folder / "store"), als_factors_count=64))
    for path in write_sample_files(folder / "files", now_uts=NOW_UTS):
        import_path(
            services.tables,
            path,
            listener="chiara" if path.stem == "chiara" else None,
            progress=Silent(),
            now_uts=NOW_UTS,
            clock_s=time.monotonic,
        )
    return services, fly(services)


def fly(services):
    return run_steps(
        services.stages.steps(),
        Silent(),
        clock_s=time.monotonic,
        memory_mb=lambda: 0.0,
        report=lambda _: None,
    )


@pytest.fixture(scope="module")
def truth():
    """By listener, the ids of tracks that fit their taste and that they never played."""
    planted = planted_tastes(load_catalogue())
    return {
        name: {track_id(identify(track.artist, track.title)) for track in taste.held_out}
        for name, taste in planted.items()
    }


def recall(view, truth, scores_of):
    shares = []
    for name, wanted in truth.items():
        profile = view.listener(name)
        scores = scores_of(profile).astype(float).copy()
        scores[profile.rows] = -np.inf
        found = {card.track_id for card in view.cards(np.argsort(-scores)[:20])}
        shares.append(len(found & wanted) / min(20, len(wanted)))
    return float(np.mean(shares))


def test_planted_tastes_are_given_back(flown, truth):
    view = flown[0].serving.current_release.current()

    assert recall(view, truth, lambda one: view.scores(one.factors, one.taste_vector, one.rows)) >= 0.8


def test_popularity_does_not_give_them_back(flown, truth):
    view = flown[0].serving.current_release.current()

    assert recall(view, truth, lambda _: view.columns().plays) <= 0.3


def test_spellings_of_a_track_merge_and_other_versions_do_not(flown):
    view = flown[0].serving.current_release.current()
    one_of_each = [track_id(identify(track.artist, track.title)) for track in load_catalogue()]
    apart = [
        (track_id(identify(artist, title)), track_id(identify(artist, other)))
        for artist, title, other in KEPT_APART
    ]

    assert view.tracks_count == len(load_catalogue()) == len(set(one_of_each))
    assert (view.rows(one_of_each) >= 0).all()
    assert all(one != other for one, other in apart)
    for track in load_catalogue():
        assert {track_id(identify(*spelling)) for spelling in spellings(track)} <= set(one_of_each)


def test_the_steps_are_the_stages_in_order(flown):
    assert tuple(report.stage for report in flown[1]) == STAGES[:-1]
    assert all(report.had_work for report in flown[1] if report.stage != "raw")


def test_a_second_run_computes_nothing(flown):
    assert [report.computed_count for report in fly(flown[0])] == [0] * 8


def test_one_new_play_recomputes_just_what_depends_on_it(flown, tmp_path):
    services, before = flown
    log = tmp_path / "more.csv"
    log.write_text("listener,artist,track,uts\nada,Slayer,Raining Blood,1762999000\n")
    import_path(
        services.tables, log, listener=None, progress=Silent(), now_uts=NOW_UTS, clock_s=time.monotonic
    )
    after = {report.stage: report for report in fly(services)}

    assert after["core"].computed_count == 0
    assert after["embeddings"].computed_count == 0
    assert after["mood"].computed_count <= 1
    assert after["features"].had_work
    assert after["recommender"].notes["release"] != before[-1].notes["release"]
