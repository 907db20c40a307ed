import json

import pytest

from batch.mood_train.job import main
from tests.deployment import REPOSITORY
from tests.mood import published
from tests.mood.stores import labelled_store, open_store
from timbral import wiring
from timbral.mood.artifact import FORMAT, PREFIX, MoodManifest
from timbral.mood.predictor import MoodPredictor


@pytest.fixture
def no_text(monkeypatch):
    """Look at no text: embedding the sample takes longer than learning from it."""
    monkeypatch.setattr(wiring.Services, "encoder", None)


@pytest.mark.slow
@pytest.mark.usefixtures("no_text")
def test_the_job_makes_a_model_and_says_how_good_it_is(tmp_path, capsys):
    tables, artifacts = open_store(tmp_path)
    labelled_store(tables, [])

    code = main(["--root", str(tmp_path / "store")])

    said = json.loads(capsys.readouterr().out)
    assert (code, said["version"]) == (0, artifacts.current())
    assert said["metrics"]["regressions"]["energy"]["model_rmse"] < 0.2
    assert MoodPredictor(artifacts.folder(said["version"])).text_dimension == 0


@pytest.mark.usefixtures("no_text")
def test_a_store_in_which_nothing_ran_is_refused_in_one_sentence(tmp_path, capsys):
    open_store(tmp_path)

    code = main(["--root", str(tmp_path / "store")])

    said = capsys.readouterr()
    assert (code, said.out) == (1, "")
    assert "'track_feature_view' was never published" in said.err
    assert said.err.count("\n") == 1


def test_the_flow_looks_for_models_of_the_layout_that_is_read():
    states = json.loads((REPOSITORY / "infra" / "flow.asl.json").read_text())["States"]

    assert MoodManifest.model_fields["format"].default == FORMAT
    assert states["mood_find_model"]["Parameters"]["Key"] == f"${{Prefix}}/{PREFIX}/current.json"


@pytest.mark.slow
@pytest.mark.usefixtures("no_text")
def test_the_job_learns_from_published_files_too(tmp_path, capsys):
    tables, artifacts = open_store(tmp_path)
    labelled_store(tables, [])
    published.write_million_song(tmp_path / "files")

    code = main(["--root", str(tmp_path / "store"), "--files", str(tmp_path / "files")])

    said = json.loads(capsys.readouterr().out)
    assert code == 0
    assert said["metrics"]["examples_counts"]["voted"] == 240
    manifest = MoodPredictor(artifacts.folder(said["version"])).manifest
    assert "listening" not in manifest.inputs
