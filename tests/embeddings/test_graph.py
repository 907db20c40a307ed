import numpy as np
import pytest

from tests.embeddings.reference import bucket, embed
from tests.embeddings.tiny_models import VOCABULARY, tiny_weights, write_source
from timbral.embeddings.encoder import OnnxEncoder
from timbral.embeddings.export import export_encoder
from timbral.embeddings.export.relative_position import distance_buckets


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("model_type", ["bert", "mpnet"])
def test_the_graph_computes_what_the_architecture_says(tmp_path, model_type, pooling):
    source = write_source(tmp_path / "source", model_type, pooling=pooling)
    export_encoder(source, tmp_path / "artifact")
    encoder = OnnxEncoder(tmp_path / "artifact")
    rng = np.random.default_rng(3)
    texts = [rng.integers(4, len(VOCABULARY), size) for size in (3, 4, 31, 150)]

    for ids in texts:
        expected = embed(ids, tiny_weights(model_type), model_type, pooling)
        np.testing.assert_allclose(encoder._run(ids), expected, atol=2e-6)


def test_distances_fall_into_the_buckets_that_mpnet_was_trained_with():
    reach = 511

    assert distance_buckets(reach, 32).tolist() == [bucket(distance) for distance in range(-reach, reach + 1)]
