import time

import numpy as np
import pytest
from implicit.cpu.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from tests.recommender.planted import plant
from tests.recommender.realdata import hetrec
from timbral.errors import InvalidInput
from timbral.progress import Silent
from timbral.recommender.models.als import Als, AlsSettings, confidence_for, confidences, train_als
from timbral.recommender.models.fold_in import Confidence
from timbral.recommender.models.interactions import from_counts

SMALL = AlsSettings(factors=8, regularization=1.0)


class Counting(Silent):
    def __init__(self):
        self.total, self.done = None, 0

    def begin(self, task, total, unit):  # noqa: ARG002 - a watcher's signature
        self.total = total

    def advance(self, count=1):
        self.done += count


def test_a_play_makes_surer_than_silence_unless_the_textbook_form_is_asked_for():
    plays = from_counts(["a", "a", "b"], ["x", "y", "x"], [1, 5, 1]).plays

    sure = {
        weighting: confidences(plays, confidence_for(plays, AlsSettings(weighting=weighting))).data
        for weighting in ("discounted", "binary", "log1p")
    }

    assert (sure["discounted"] > 1).all()
    assert sure["binary"].tolist() == [21, 21, 21]
    assert sure["log1p"] == pytest.approx(np.log1p([1, 5, 1]))


def test_what_a_listener_plays_most_says_most_and_equal_counts_say_the_same():
    plays = from_counts(list("aaaabb"), list("wxyzwx"), [9, 2, 2, 1, 4, 4]).plays
    settings = AlsSettings(discount=0.0, emphasis=0.5)

    sure = confidences(plays, confidence_for(plays, settings)).toarray()

    assert sure[0] == pytest.approx([1 + 20 * 1.3, 21, 21, 1 + 20 * 0.7])
    assert sure[1, :2].tolist() == [21, 21]


def test_one_listener_is_weighed_as_among_many():
    plays = plant().interactions.plays
    confidence = confidence_for(plays, AlsSettings())

    alone = [confidence.of(row.indices, row.data) for row in plays]

    np.testing.assert_allclose(np.concatenate(alone), confidences(plays, confidence).data, rtol=1e-6)


def test_a_popular_item_says_less_and_the_mean_stays():
    plays = from_counts(["a", "a", "b"], ["x", "y", "x"], [5, 5, 1]).plays

    sure = confidences(plays, confidence_for(plays, AlsSettings()))

    assert sure[0, 0] < sure[0, 1]
    assert sure.data.mean() == pytest.approx(21)


def test_a_dislike_keeps_its_sign():
    plays = from_counts(["a", "a"], ["x", "y"], [2, -3]).plays

    assert confidences(plays, confidence_for(plays, AlsSettings(weighting="binary"))).data.tolist() == [
        21,
        -21,
    ]


def test_an_unknown_weighting_is_refused():
    with pytest.raises(InvalidInput, match="weighting must be one of"):
        Confidence("sqrt", 1.0)


def test_discounting_without_item_weights_is_refused():
    with pytest.raises(InvalidInput, match="item_weights"):
        Confidence("discounted", 20.0)


def test_disliked_items_score_below_where_they_were():
    planted = plant()
    plays = planted.interactions.plays.tolil()
    disliked = int(np.flatnonzero(planted.truth[0])[0])
    before, after = Als(SMALL), Als(SMALL)

    before.fit(planted.interactions, None, Silent())
    plays[0, disliked] = -1
    changed = planted.interactions.with_plays(plays.tocsr())
    after.fit(changed, None, Silent())

    was = before.score(planted.interactions.plays[0])[0, disliked]
    assert after.score(changed.plays[0])[0, disliked] < was - 0.2


def test_each_iteration_is_told():
    watcher = Counting()

    train_als(plant().interactions.plays, SMALL, watcher)

    assert (watcher.total, watcher.done) == (15, 15)


def test_the_same_seed_gives_the_same_factors_and_another_does_not():
    plays = plant().interactions.plays

    one, same, other = (
        train_als(plays, AlsSettings(factors=8, regularization=1.0, seed=seed), Silent())
        for seed in (3, 3, 4)
    )

    np.testing.assert_array_equal(one.items, same.items)
    np.testing.assert_array_equal(one.listeners, same.listeners)
    assert not np.array_equal(one.items, other.items)


@pytest.mark.parametrize("weighting", ["discounted", "binary", "log1p"])
def test_folding_in_a_trained_listener_gives_their_trained_factor(weighting):
    plays = plant().interactions.plays
    trained = train_als(plays, AlsSettings(factors=8, regularization=1.0, weighting=weighting), Silent())
    weighed = confidences(plays, trained.confidence)

    folded = trained.fold_in().many(weighed.indptr, weighed.indices, weighed.data)

    error = np.linalg.norm(folded - trained.listeners, axis=1) / np.linalg.norm(trained.listeners, axis=1)
    assert error.max() < 0.01


@pytest.mark.realdata
@pytest.mark.slow
def test_training_is_nearly_as_fast_as_bare_implicit(realdata):
    plays = hetrec(realdata)[0].plays
    settings = AlsSettings()
    weighed = confidences(plays, confidence_for(plays, settings))

    def bare():
        with threadpool_limits(limits=1, user_api="blas"):
            model = AlternatingLeastSquares(settings.factors, settings.regularization, random_state=0)
            model.fit(weighed, show_progress=False)

    def ours():
        train_als(plays, settings, Silent())

    rounds = [(_cpu_seconds(bare), _cpu_seconds(ours)) for _ in range(5)]
    bare_s, ours_s = np.min(rounds, axis=0)

    assert ours_s < 1.2 * bare_s


def _cpu_seconds(run) -> float:
    """Time all threads' work, which other work on the machine does not change."""
    start = time.process_time()
    run()
    return time.process_time() - start
