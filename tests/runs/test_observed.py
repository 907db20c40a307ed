"""What a function says of itself: its log lines and metrics carry the run's id and the step."""

import io
import json

import pytest
from aws_lambda_powertools import Logger

from tests.functions.conftest import Context
from timbral.operations.observed import observed

REPORT = {
    "stage": "core",
    "rows_count": 9,
    "computed_count": 4,
    "reused_count": 5,
    "quarantined": {"artist is empty": 2},
    "elapsed_s": 1.5,
}


@pytest.fixture(autouse=True)
def _named(monkeypatch):
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "timbral")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Timbral")


@pytest.fixture
def log(monkeypatch):
    """What the logger writes; its handler holds on to the stream that it first saw."""
    written = io.StringIO()
    monkeypatch.setattr(Logger().registered_handler, "stream", written)
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def invoke(handler):
    return observed(handler)({"run": "night-7"}, Context("core_map_tracks"))


def test_the_report_becomes_metrics_of_the_step(capsys):
    answer = invoke(lambda _event, _context: {"pins": {}, "report": REPORT})

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (measured,) = [line for line in lines if "computed_count" in line]
    assert answer == {"pins": {}, "report": REPORT}
    assert measured["step"] == "core"
    assert (measured["computed_count"], measured["reused_count"], measured["quarantined_count"]) == (
        [4.0],
        [5.0],
        [2.0],
    )
    assert measured["elapsed_ms"] == [1500.0]


def test_every_log_line_carries_the_runs_id(log):
    invoke(lambda _event, _context: {"report": REPORT})

    assert [(line["message"], line["correlation_id"]) for line in log()] == [("the step is done", "night-7")]


@pytest.mark.filterwarnings("ignore:No application metrics to publish")
def test_an_error_is_logged_with_the_runs_id_and_goes_on(log):
    def fail(_event, _context):
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        invoke(fail)

    assert [(line["level"], line["correlation_id"]) for line in log()] == [("ERROR", "night-7")]
