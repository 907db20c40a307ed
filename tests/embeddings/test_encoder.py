import json

import numpy as np
import pytest

from tests.embeddings.tiny_models import write_json, write_source
from timbral.embeddings.artifact import EncoderFiles, load_manifest, sha256_of, write_manifest
from timbral.embeddings.encoder import OnnxEncoder
from timbral.embeddings.export import export_encoder
from timbral.errors import ContractBroken


@pytest.fixture
def artifact(tmp_path):
    export_encoder(
        write_source(tmp_path / "source", "bert", max_tokens=6), tmp_path / "artifact", name="tiny"
    )
    return tmp_path / "artifact"


def test_what_lies_beyond_the_last_word_piece_changes_nothing(artifact):
    rows = OnnxEncoder(artifact).encode(
        ["rain night slow pop", "rain night slow pop loud drum", "rain night slow"]
    )

    assert rows[0].tobytes() == rows[1].tobytes()
    assert rows[0].tobytes() != rows[2].tobytes()


def test_an_encoder_says_what_its_manifest_says(artifact):
    encoder = OnnxEncoder(artifact)
    manifest = load_manifest(artifact)

    assert (encoder.name, encoder.dimension) == ("tiny", 16)
    assert encoder.fingerprint == manifest.fingerprint


def test_another_limit_is_another_fingerprint_and_another_name_is_not(artifact):
    manifest = load_manifest(artifact)

    assert manifest.model_copy(update={"max_tokens": 7}).fingerprint != manifest.fingerprint
    assert manifest.model_copy(update={"name": "other"}).fingerprint == manifest.fingerprint


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "manifest.json"])
def test_a_missing_file_is_named(artifact, name):
    (artifact / name).unlink()

    with pytest.raises(ContractBroken, match=f"no readable {name}"):
        load_manifest(artifact)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_changed_file_is_named(artifact, name):
    with (artifact / name).open("ab") as file:
        file.write(b" ")

    with pytest.raises(ContractBroken, match=rf"{name} of encoder 'tiny' has sha256"):
        OnnxEncoder(artifact)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": "red"}, "colour: Extra inputs"),
        ({"dimension": 0}, "dimension: .*greater than or equal to 1"),
        ({"format": 2}, "format"),
        ({"files": {"model.onnx": "abc", "tokenizer.json": "0" * 64}}, "files.model.onnx"),
        (
            {"files": {"model.onnx": "0" * 64, "tokenizer.json": "0" * 64, "../x": "0" * 64}},
            "files.../x: Extra",
        ),
    ],
)
def test_a_manifest_that_breaks_its_declaration_is_refused(artifact, change, said):
    manifest = json.loads((artifact / "manifest.json").read_text())
    write_json(artifact / "manifest.json", manifest | change)

    with pytest.raises(ContractBroken, match=said):
        load_manifest(artifact)


def test_a_manifest_that_lacks_a_key_is_refused(artifact):
    manifest = json.loads((artifact / "manifest.json").read_text())
    del manifest["dimension"]
    write_json(artifact / "manifest.json", manifest)

    with pytest.raises(ContractBroken, match="dimension: Field required"):
        load_manifest(artifact)


def test_a_model_of_another_dimension_than_promised_is_refused(artifact):
    write_manifest(artifact, load_manifest(artifact).model_copy(update={"dimension": 32}))

    with pytest.raises(ContractBroken, match="not 32 a text"):
        OnnxEncoder(artifact)


def test_a_model_that_is_no_onnx_is_refused(artifact):
    manifest = load_manifest(artifact)
    (artifact / "model.onnx").write_bytes(b"not a model")
    files = EncoderFiles.model_validate(
        {name: sha256_of(artifact / name) for name in ("model.onnx", "tokenizer.json")}
    )
    write_manifest(artifact, manifest.model_copy(update={"files": files}))

    with pytest.raises(ContractBroken, match=r"model\.onnx of encoder 'tiny' can't be opened"):
        OnnxEncoder(artifact)


def test_vectors_do_not_change_from_one_opening_to_the_next(artifact):
    first = OnnxEncoder(artifact).encode(["rain", "night"])

    again = OnnxEncoder(artifact, threads=2).encode(["rain", "night"])

    np.testing.assert_array_equal(first, again)
