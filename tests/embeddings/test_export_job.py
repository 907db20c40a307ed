import importlib.util
import json

import pytest

from batch.embeddings_export.job import main
from tests.embeddings.tiny_models import write_source
from timbral.embeddings.artifact import load_manifest


@pytest.fixture
def source(tmp_path):
    return write_source(tmp_path / "source", "bert")


def test_the_job_makes_an_artifact_and_says_which(source, tmp_path, capsys):
    status = main(["--source", str(source), "--destination", str(tmp_path / "artifact"), "--name", "tiny"])

    manifest = load_manifest(tmp_path / "artifact")
    report = json.loads(capsys.readouterr().out)
    assert status == 0
    assert report == {"fingerprint": manifest.fingerprint, **manifest.model_dump(by_alias=True)}


def test_the_job_refuses_a_source_that_is_none(tmp_path, capsys):
    status = main(["--source", str(tmp_path), "--destination", str(tmp_path / "artifact")])

    assert status == 1
    assert "has no config.json" in capsys.readouterr().err


def test_the_job_does_not_hold_int8_to_parity(source, tmp_path, capsys):
    arguments = ["--source", str(source), "--destination", str(tmp_path / "a"), "--precision", "int8"]

    with pytest.raises(SystemExit):
        main([*arguments, "--check-parity"])
    assert "gated on recall" in capsys.readouterr().err


@pytest.mark.skipif(importlib.util.find_spec("sentence_transformers") is not None, reason="it is installed")
def test_the_job_says_what_parity_needs(source, tmp_path, capsys):
    status = main(["--source", str(source), "--destination", str(tmp_path / "artifact"), "--check-parity"])

    assert status == 1
    assert "sentence_transformers, which is not installed" in capsys.readouterr().err
