"""Where a listener is placed decides what they are shown."""

import numpy as np
import pytest
from scipy import sparse

from tests.recommender.planted import plant
from tests.recommender.realdata import hetrec
from timbral.progress import Silent
from timbral.recommender.evaluation.listener_vectors import (
    PlacedListeners,
    mean_of_factors,
    measure_listener_vectors,
)
from timbral.recommender.models.als import Als, AlsSettings


def test_plays_weigh_as_they_are_told_to():
    plays = sparse.csr_matrix(np.array([[3.0, 1.0, -2.0]], np.float32))
    items = np.eye(3, dtype=np.float32)

    by_plays = mean_of_factors(plays, items, "mean by plays")[0]
    equal = mean_of_factors(plays, items, "mean")[0]

    assert by_plays == pytest.approx(np.array([3, 1, 0]) / np.sqrt(10))
    assert equal == pytest.approx(np.array([1, 1, 0]) / np.sqrt(2))


def test_every_way_is_measured_for_every_question():
    interactions = plant().interactions
    report = measure_listener_vectors(
        interactions, 0, Silent(), AlsSettings(factors=8, iterations=4, threads=1)
    )

    assert len(report) == 3
    assert {len(question["models"]) for question in report.values()} == {6}


@pytest.mark.realdata
@pytest.mark.slow
def test_fold_in_beats_the_mean_with_history_and_with_five_picks(realdata):
    interactions, _ = hetrec(realdata)
    report = measure_listener_vectors(interactions, 0, Silent(), AlsSettings(threads=1))

    for question in report.values():
        models = {name: found["ndcg@10"] for name, found in question["models"].items()}
        assert max(models, key=models.get) == "fold-in"
        assert models["fold-in, cosine"] <= 0.7 * models["fold-in"]


def test_cosine_forgets_how_popular_an_item_is():
    interactions = plant().interactions
    als = Als(AlsSettings(factors=8, iterations=4, threads=1))
    model = PlacedListeners(als, "fold-in", by_cosine=True)
    model.fit(interactions, None, Silent())
    lengths = np.linalg.norm(als.factors.items, axis=1)

    assert model.score(interactions.plays[:3]) * lengths == pytest.approx(
        als.score(interactions.plays[:3]), abs=1e-4
    )
