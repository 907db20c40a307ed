import json

import pytest

from batch.recommender_tune.job import main
from tests.recommender.stored_world import store_world
from timbral import wiring


@pytest.fixture
def stored(tmp_path, monkeypatch):
    monkeypatch.setenv("TIMBRAL_STORE_ROOT", str(tmp_path / "store"))
    services = wiring.services()
    found = store_world(services.tables, listeners_count=30, tracks_count=100)
    return {name: snapshot.id for name, snapshot in found.pins.items()}


def test_settings_are_searched_and_every_trial_is_kept(stored, tmp_path, capsys):
    status = main(["--pins", json.dumps(stored), "--trials", "2"])

    report = json.loads(capsys.readouterr().out)
    log = [json.loads(line) for line in (tmp_path / "store" / report["log"]).read_text().splitlines()]
    assert status == 0
    assert [trial["number"] for trial in log] == [0, 1]
    assert report["best"] in log
    assert report["in use"] == log[0]


def test_pins_of_nothing_end_the_job_with_a_reason(stored, capsys):
    status = main(["--pins", json.dumps(stored | {"track_vector": "unknown"})])

    assert status == 1
    assert "recommender_tune:" in capsys.readouterr().err
