"""The parity check, with the numpy reference in the place of sentence-transformers."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import load_file

from batch.embeddings_export.job import main
from tests.embeddings.reference import embed
from tests.embeddings.tiny_models import tiny_tokenizer, write_source
from timbral.embeddings.export import export_encoder
from timbral.embeddings.export.parity import check_parity
from timbral.errors import InvalidInput


class ReferenceModel:
    """Has the two calls of sentence_transformers.SentenceTransformer that the check makes."""

    error = 0.0

    def __init__(self, folder, device):
        assert device == "cpu"
        self._weights = load_file(Path(folder) / "model.safetensors")
        self._tokenizer = tiny_tokenizer()
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(64)

    def encode(self, texts, *, normalize_embeddings):
        assert normalize_embeddings
        ids = [self._tokenizer.encode(text).ids for text in texts]
        return np.array([embed(one, self._weights, "mpnet") for one in ids]) + self.error


class WrongModel(ReferenceModel):
    error = 1e-3


@pytest.fixture
def source(tmp_path):
    return write_source(tmp_path / "source", "mpnet")


@pytest.fixture
def pretend(monkeypatch):
    def install(model):
        monkeypatch.setitem(sys.modules, "sentence_transformers", SimpleNamespace(SentenceTransformer=model))

    return install


def test_an_artifact_is_its_source_to_the_fifth_digit(source, tmp_path, pretend):
    pretend(ReferenceModel)
    export_encoder(source, tmp_path / "artifact")

    assert check_parity(source, tmp_path / "artifact") < 1e-5


def test_parity_on_nothing_to_read_is_refused(source, tmp_path, pretend):
    pretend(ReferenceModel)
    export_encoder(source, tmp_path / "artifact")

    with pytest.raises(InvalidInput, match="none of the 2 texts"):
        check_parity(source, tmp_path / "artifact", ["", " "])


def test_the_job_reports_the_difference_it_found(source, tmp_path, pretend, capsys):
    pretend(ReferenceModel)

    status = main(["--source", str(source), "--destination", str(tmp_path / "artifact"), "--check-parity"])

    assert status == 0
    assert json.loads(capsys.readouterr().out)["parity"] < 1e-5


def test_the_job_leaves_no_artifact_that_differs_from_its_source(source, tmp_path, pretend, capsys):
    pretend(WrongModel)

    status = main(["--source", str(source), "--destination", str(tmp_path / "artifact"), "--check-parity"])

    assert status == 1
    assert "differs from its source by 1.0e-03, allowed is 1e-05" in capsys.readouterr().err
    assert not (tmp_path / "artifact" / "manifest.json").exists()
