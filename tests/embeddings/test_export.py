import shutil

import numpy as np
import pytest

from tests.embeddings.tiny_models import SIZE, VOCABULARY, tiny_config, tiny_weights, write_json, write_source
from timbral.embeddings.artifact import load_manifest
from timbral.embeddings.encoder import OnnxEncoder
from timbral.embeddings.export import export_encoder
from timbral.errors import InvalidInput

QUERY = "encoder.layer.1.attention.self.query.weight"


@pytest.mark.parametrize("precision", ["fp32", "int8"])
@pytest.mark.parametrize("model_type", ["bert", "mpnet"])
def test_the_same_source_gives_the_same_bytes(tmp_path, model_type, precision):
    source = write_source(tmp_path / "source", model_type)

    first = export_encoder(source, tmp_path / "first", precision=precision)
    again = export_encoder(source, tmp_path / "again", precision=precision)

    assert first == again == load_manifest(tmp_path / "again")
    for name in ("model.onnx", "tokenizer.json", "manifest.json"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_int8_stays_near_fp32(tmp_path):
    source = write_source(tmp_path / "source", "bert")
    export_encoder(source, tmp_path / "fp32")
    export_encoder(source, tmp_path / "int8", precision="int8")

    texts = ["rain night slow", "loud drum", "dream pop guitar"]
    exact, near = (OnnxEncoder(tmp_path / name).encode(texts) for name in ("fp32", "int8"))

    assert ((exact * near).sum(axis=1) > 0.98).all()
    assert exact.tobytes() != near.tobytes()


def test_the_manifest_says_what_was_made_from_what(tmp_path):
    source = write_source(tmp_path / "source", "mpnet", max_tokens=48)
    (source / "README.md").write_text("---\nlicense: apache-2.0\n---\n", encoding="utf-8")

    manifest = export_encoder(source, tmp_path / "artifact")

    assert (manifest.name, manifest.dimension, manifest.max_tokens) == ("source", SIZE, 48)
    assert manifest.licence == "apache-2.0"
    assert manifest.source.startswith("mpnet weights sha256:")


def test_no_text_is_longer_than_the_position_table(tmp_path):
    bert = export_encoder(write_source(tmp_path / "b", "bert", max_tokens=999), tmp_path / "bert")
    mpnet = export_encoder(write_source(tmp_path / "m", "mpnet", max_tokens=999), tmp_path / "mpnet")
    longest = OnnxEncoder(tmp_path / "mpnet").encode(["rain " * 500])

    assert (bert.max_tokens, mpnet.max_tokens) == (160, 158)
    assert longest.any()


def test_a_folder_without_module_files_is_averaged_and_limited_by_its_tokenizer(tmp_path):
    source = write_source(tmp_path / "source", "bert")
    expected = export_encoder(source, tmp_path / "expected")
    shutil.rmtree(source / "1_Pooling")
    (source / "modules.json").unlink()
    (source / "sentence_bert_config.json").unlink()
    write_json(source / "tokenizer_config.json", {"model_max_length": 64})

    assert export_encoder(source, tmp_path / "plain") == expected


def test_the_older_spelling_of_pooling_is_read(tmp_path):
    source = write_source(tmp_path / "source", "bert", pooling="cls")
    expected = export_encoder(source, tmp_path / "expected")
    flags = {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    write_json(source / "1_Pooling" / "config.json", {"word_embedding_dimension": SIZE, **flags})

    assert export_encoder(source, tmp_path / "older") == expected


def test_weights_named_with_the_architectures_prefix_are_read(tmp_path):
    expected = export_encoder(write_source(tmp_path / "plain", "bert"), tmp_path / "expected")
    prefixed = {f"bert.{name}": tensor for name, tensor in tiny_weights("bert").items()}

    manifest = export_encoder(
        write_source(tmp_path / "named", "bert", weights=prefixed), tmp_path / "artifact"
    )

    assert manifest.files == expected.files


def test_half_precision_weights_are_read(tmp_path):
    halves = {name: tensor.astype(np.float16) for name, tensor in tiny_weights("bert").items()}
    export_encoder(write_source(tmp_path / "source", "bert", weights=halves), tmp_path / "artifact")

    assert OnnxEncoder(tmp_path / "artifact").encode(["rain"]).any()


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (
            {"model_type": "t5"},
            "config.json can't be exported: model_type: Input should be 'bert' or 'mpnet'",
        ),
        ({"hidden_act": "relu"}, "hidden_act: Input should be 'gelu'"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type"),
        ({"num_attention_heads": 5}, "hidden_size 16 is no multiple of 5 heads"),
        ({"num_hidden_layers": 3}, "lacks the weight 'encoder.layer.2.attention.self.query.weight'"),
        ({"vocab_size": len(VOCABULARY) - 1}, "has a word piece numbered"),
    ],
)
def test_a_configuration_that_cannot_be_exported_is_refused(tmp_path, config, said):
    source = write_source(tmp_path / "source", "bert")
    write_json(source / "config.json", tiny_config("bert") | config)

    with pytest.raises(InvalidInput, match=said):
        export_encoder(source, tmp_path / "artifact")
    assert not (tmp_path / "artifact" / "manifest.json").exists()


@pytest.mark.parametrize(
    ("tensor", "said"),
    [
        (np.zeros((SIZE, SIZE + 1), np.float32), r"has shape \(16, 17\), config.json promises \(16, 16\)"),
        (np.full((SIZE, SIZE), np.nan, np.float32), "not finite"),
    ],
)
def test_a_weight_that_is_wrong_is_named(tmp_path, tensor, said):
    source = write_source(tmp_path / "source", "bert", weights=tiny_weights("bert") | {QUERY: tensor})

    with pytest.raises(InvalidInput, match=f"weight '{QUERY}' .*{said}|weight '{QUERY}' {said}"):
        export_encoder(source, tmp_path / "artifact")


@pytest.mark.parametrize("pooling", ["max", ["mean", "cls"]])
def test_other_pooling_is_refused(tmp_path, pooling):
    source = write_source(tmp_path / "source", "bert", pooling=pooling)

    with pytest.raises(InvalidInput, match="allowed are mean and cls"):
        export_encoder(source, tmp_path / "artifact")


def test_modules_after_pooling_are_refused(tmp_path):
    source = write_source(tmp_path / "source", "bert")
    write_json(
        source / "modules.json", [{"path": "", "type": f"x.{kind}"} for kind in ("Transformer", "Dense")]
    )

    with pytest.raises(InvalidInput, match=r"\['Transformer', 'Dense'\]"):
        export_encoder(source, tmp_path / "artifact")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_source_that_lacks_a_file_is_refused(tmp_path, name):
    source = write_source(tmp_path / "source", "bert")
    (source / name).unlink()

    with pytest.raises(InvalidInput, match=f"has no {name}"):
        export_encoder(source, tmp_path / "artifact")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json", "modules.json"])
def test_a_source_file_of_rubbish_is_refused(tmp_path, name):
    source = write_source(tmp_path / "source", "bert")
    (source / name).write_bytes(b"rubbish")

    with pytest.raises(InvalidInput, match=f"{name} .*can't be read"):
        export_encoder(source, tmp_path / "artifact")
