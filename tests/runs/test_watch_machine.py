"""The daily state machine, executed: it looks, and has moods learned anew if tags have drifted."""

import pytest

from tests.deployment import REPOSITORY
from tests.emulated import Functions, Jobs, StateMachine, filled_in

NAMES = {
    "Partition": "aws",
    "RecommenderMonitorReleases": "recommender_monitor_releases",
    "JobQueue": "jobs",
    "MoodTrainJob": "mood_train",
}


@pytest.mark.parametrize(("has_drifted", "trained"), [(True, ["mood_train"]), (False, [])])
def test_drift_alone_has_moods_learned_anew(s3_endpoint, monkeypatch, has_drifted, trained):
    ran = []
    definition = filled_in((REPOSITORY / "infra" / "watch.asl.json").read_text(), NAMES)
    clients = {
        "lambda": Functions(lambda _name, _event: {"retrain_mood": has_drifted, "report": {}}),
        "batch": Jobs(lambda name, _parameters: ran.append(name) or 0),
    }

    run = StateMachine(s3_endpoint, definition, clients, monkeypatch).run({}, "a-day")

    assert run.status == "SUCCEEDED"
    assert ran == trained
