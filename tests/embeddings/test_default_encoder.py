"""The encoder that the pinned package gives; skipped where the package is not installed."""

import numpy as np
import pytest

from timbral.embeddings.encoder import OnnxEncoder
from timbral.embeddings.export import export_encoder, find_default_source
from timbral.embeddings.export.default_source import check_weights
from timbral.embeddings.export.parity import PARITY_TEXTS, check_parity
from timbral.errors import InvalidInput, NotFound


@pytest.fixture(scope="module")
def source():
    try:
        return find_default_source()
    except NotFound as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def artifact(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("minilm")
    export_encoder(source, folder)
    return folder


def test_the_default_encoder_knows_moods_from_machines(artifact):
    encoder = OnnxEncoder(artifact)
    mood, same, other = encoder.encode(
        ["sad slow piano ballad", "melancholic piano music", "tractor engine repair"]
    )

    assert (encoder.name, encoder.dimension) == ("all-MiniLM-L6-v2", 384)
    assert mood @ same > 0.5 > mood @ other


def test_the_default_encoder_gives_the_published_vectors(artifact):
    row = OnnxEncoder(artifact).encode(["hello world"])[0]

    np.testing.assert_allclose(row[:4], [-0.03447721, 0.03102315, 0.00673495, 0.02610898], atol=1e-5)


def test_the_default_encoders_rows_depend_on_their_own_text_alone_bit_for_bit(artifact):
    texts = ["dub", *PARITY_TEXTS, "warm guitars " * 60]
    alone = np.concatenate([OnnxEncoder(artifact).encode([text]) for text in texts[:3]])

    together = OnnxEncoder(artifact, threads=2).encode(texts)

    backwards = OnnxEncoder(artifact).encode(texts[::-1])[::-1]
    assert together[:3].tobytes() == alone.tobytes()
    assert together.tobytes() == backwards.tobytes()


def test_the_default_encoder_equals_sentence_transformers(source, artifact):
    pytest.importorskip("sentence_transformers")

    assert check_parity(source, artifact) <= 1e-5


def test_weights_that_are_not_the_published_ones_are_refused(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"other")

    with pytest.raises(InvalidInput, match="must have sha256 53aa5117"):
        check_weights(tmp_path)


def test_missing_weights_are_refused(tmp_path):
    with pytest.raises(InvalidInput, match="the file is missing"):
        check_weights(tmp_path)
