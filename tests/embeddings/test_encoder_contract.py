"""What every encoder promises, held against each of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.embeddings.hashed_encoder import HashedEncoder
from tests.embeddings.tiny_models import write_source
from timbral.embeddings.encoder import OnnxEncoder
from timbral.embeddings.export import export_encoder

TEXTS = (
    "rain",
    "slow dream pop",
    "loud drum guitar",
    "",
    "night rain, slow guitar",
    "東京 の 夜",
    "x" * 500,
    "dream " * 300,
    "loud",
)


@pytest.fixture(scope="module", params=["bert", "mpnet", "two threads", "int8", "hashed"])
def encoder(request, tmp_path_factory):
    if request.param == "hashed":
        return HashedEncoder(dimension=16)
    folder = tmp_path_factory.mktemp("encoder")
    model_type = "mpnet" if request.param == "mpnet" else "bert"
    precision = "int8" if request.param == "int8" else "fp32"
    export_encoder(write_source(folder / "source", model_type), folder / "artifact", precision=precision)
    return OnnxEncoder(folder / "artifact", threads=2 if request.param == "two threads" else 1)


def test_each_text_gets_a_row_of_the_encoders_dimension(encoder):
    rows = encoder.encode(TEXTS)

    assert rows.shape == (len(TEXTS), encoder.dimension)
    assert rows.dtype == np.float32


def test_no_texts_give_no_rows(encoder):
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_rows_have_length_one(encoder):
    rows = encoder.encode([text for text in TEXTS if text])

    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-6)


@pytest.mark.parametrize("text", ["", " \t\n ", "\x00"])
def test_a_text_with_nothing_to_read_is_zeros(encoder, text):
    assert not encoder.encode([text, "rain"])[0].any()


def test_a_lone_surrogate_is_survived(encoder):
    assert encoder.encode(["rain \ud83d"]).any()


@settings(max_examples=25)
@given(order=st.permutations(range(len(TEXTS))), size=st.integers(1, len(TEXTS)))
def test_a_row_depends_on_its_own_text_alone_bit_for_bit(encoder, order, size):
    chosen = order[:size]

    rows = encoder.encode([TEXTS[index] for index in chosen])

    alone = np.concatenate([encoder.encode([TEXTS[index]]) for index in chosen])
    assert rows.tobytes() == alone.tobytes()


def test_the_fingerprint_fits_its_column_and_the_name_is_said(encoder):
    assert len(encoder.fingerprint) == 32
    assert encoder.name


def test_the_hashed_encoder_finds_texts_that_share_words_alike():
    rows = HashedEncoder().encode(["slow dream pop", "dream pop, slow", "fast loud metal"])

    assert rows[0] @ rows[1] > 0.99
    assert abs(rows[0] @ rows[2]) < 0.5
