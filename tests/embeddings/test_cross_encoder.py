import json
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch.embeddings_export.job import main
from tests.embeddings import reference
from tests.embeddings.tiny_models import (
    cross_weights,
    tiny_tokenizer,
    write_cross_source,
    write_json,
    write_source,
)
from timbral.embeddings.artifact import load_cross_manifest, load_manifest
from timbral.embeddings.cross_encoder import CROSS_ENCODER_PREFIX, OnnxCrossEncoder
from timbral.embeddings.export import export_cross_encoder
from timbral.errors import ContractBroken, InvalidInput, NotFound
from timbral.settings import load_settings
from timbral.wiring import Services

QUERY, TEXTS = "rain night", ["slow guitar", "loud drum pop", "", "dream " * 100]


@pytest.fixture(scope="module")
def artifact(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cross")
    export_cross_encoder(write_cross_source(folder / "tiny"), folder / "artifact")
    return folder / "artifact"


def test_the_graph_scores_pairs_as_its_source_does(artifact):
    tokenizer = tiny_tokenizer()
    tokenizer.no_padding()
    tokenizer.enable_truncation(64)
    pairs = [tokenizer.encode(QUERY, text) for text in TEXTS]

    scores = OnnxCrossEncoder(artifact).relevance(QUERY, TEXTS)

    expected = [reference.relevance(pair.ids, pair.type_ids, cross_weights()) for pair in pairs]
    assert np.abs(scores - expected).max() <= 1e-5
    assert len(pairs[-1].ids) == 64
    assert len(set(scores.tolist())) == len(TEXTS)


def test_query_and_text_are_told_apart(artifact):
    reader = OnnxCrossEncoder(artifact)

    assert reader.relevance("rain", ["night"]) != reader.relevance("night", ["rain"])


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=30), st.lists(st.text(max_size=60), max_size=5))
def test_a_score_depends_on_its_own_pair_alone(artifact, query, texts):
    reader, threaded = OnnxCrossEncoder(artifact), OnnxCrossEncoder(artifact, threads=2)

    together = reader.relevance(query, texts)

    assert together.shape == (len(texts),)
    assert ((together >= 0) & (together <= 1)).all()
    assert together.tobytes() == threaded.relevance(query, texts).tobytes()
    assert together.tolist() == [reader.relevance(query, [text]).item() for text in texts]


def test_the_same_source_gives_the_same_bytes(tmp_path, artifact):
    again = export_cross_encoder(write_cross_source(tmp_path / "tiny"), tmp_path / "again")

    assert again == load_cross_manifest(artifact)
    assert again.max_tokens == 64
    for name in ("model.onnx", "tokenizer.json", "manifest.json"):
        assert (tmp_path / "again" / name).read_bytes() == (artifact / name).read_bytes()


def test_an_encoder_and_a_cross_encoder_are_not_taken_for_each_other(tmp_path, artifact):
    with pytest.raises(InvalidInput, match=r"lacks the weight 'pooler\.dense\.weight'"):
        export_cross_encoder(write_source(tmp_path / "encoder", "bert"), tmp_path / "wrong")
    with pytest.raises(InvalidInput, match="must be of a 'bert' with two token types"):
        export_cross_encoder(write_source(tmp_path / "mpnet", "mpnet"), tmp_path / "wrong")
    with pytest.raises(ContractBroken, match=r"manifest\.json .* breaks its declaration"):
        load_manifest(artifact)


def test_several_labels_are_refused(tmp_path):
    weights = cross_weights()
    weights["classifier.weight"] = np.zeros((3, 16), dtype=np.float32)

    with pytest.raises(InvalidInput, match=r"'classifier\.weight' has shape \(3, 16\)"):
        export_cross_encoder(write_cross_source(tmp_path / "tiny", weights=weights), tmp_path / "a")


def test_a_changed_file_is_refused(tmp_path, artifact):
    shutil.copytree(artifact, tmp_path / "changed")
    write_json(tmp_path / "changed" / "tokenizer.json", {})

    with pytest.raises(ContractBroken, match=r"tokenizer\.json of cross-encoder 'tiny' has sha256"):
        OnnxCrossEncoder(tmp_path / "changed")


def test_the_job_makes_one(tmp_path, capsys):
    source = write_cross_source(tmp_path / "tiny")

    status = main(["--cross-encoder", "--source", str(source), "--destination", str(tmp_path / "artifact")])

    manifest = load_cross_manifest(tmp_path / "artifact")
    assert status == 0
    assert json.loads(capsys.readouterr().out)["fingerprint"] == manifest.fingerprint


def test_a_store_keeps_the_one_in_use_and_says_what_is_missing(tmp_path):
    source = write_cross_source(tmp_path / "tiny")
    root = {"store_root": str(tmp_path / "store"), "scratch": tmp_path / "scratch"}

    with pytest.raises(NotFound, match="TIMBRAL_CROSS_ENCODER must name the folder"):
        _ = Services(load_settings(**root)).cross_encoder
    made = Services(load_settings(**root, cross_encoder=source)).cross_encoder
    kept = Services(load_settings(**root))

    assert kept.cross_encoder.fingerprint == made.fingerprint
    assert kept.artifacts(CROSS_ENCODER_PREFIX).current() == kept.cross_encoder_version
