import json

import pytest

from tests.recommender.planted import plant
from timbral.errors import InvalidInput
from timbral.recommender.evaluation import tuning
from timbral.recommender.evaluation.protocols import holdout
from timbral.recommender.evaluation.tuning import best, inner_holdout, log_lines, tune
from timbral.recommender.models.als import AlsSettings


@pytest.fixture(scope="module")
def inner():
    planted = plant(n_blocks=2, listeners_per_block=10)
    return inner_holdout(planted.interactions, planted.content, seed=0)


def test_the_test_part_is_never_looked_at(inner):
    planted = plant(n_blocks=2, listeners_per_block=10)

    tested = holdout(planted.interactions, seed=0).hidden()

    assert inner.part.train.plays.multiply(tested).nnz == 0
    assert inner.part.hidden().multiply(tested).nnz == 0


def test_the_settings_in_use_are_tried_first_and_the_search_repeats(inner):
    first, second = (tune([inner], trials_count=3, seed=1) for _ in range(2))

    assert first == second
    assert first[0].als["regularization"] == AlsSettings().regularization
    assert best(first).objective == max(trial.objective for trial in first)


def test_failures_stay_in_the_log(inner, monkeypatch):
    def refuse(*_args):
        raise InvalidInput("this part can't be measured")

    monkeypatch.setattr(tuning, "_measure", refuse)

    log = tune([inner], trials_count=2, seed=0)

    lines = [json.loads(line) for line in log_lines(log).splitlines()]
    assert [line["objective"] for line in lines] == [None, None]
    assert lines[0]["failure"] == "InvalidInput: this part can't be measured"
    with pytest.raises(InvalidInput, match="no trial succeeded"):
        best(log)


def test_nothing_to_tune_on_is_an_error():
    with pytest.raises(InvalidInput, match="at least one data set"):
        tune([], trials_count=1, seed=0)
