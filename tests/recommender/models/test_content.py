import numpy as np
import pytest

from timbral.errors import InvalidInput
from timbral.recommender.models.content import Taggings, from_artists, from_taggings, from_vectors, tfidf
from timbral.recommender.models.interactions import to_csr


def _taggings(*triples):
    return Taggings(*(np.array(column, dtype=np.int64) for column in zip(*triples, strict=True)))


def test_a_rare_tag_weighs_more_than_a_common_one():
    features = tfidf(to_csr(np.ones(4), np.array([0, 0, 1, 2]), np.array([0, 1, 0, 0]), (3, 2))).toarray()

    assert features[0, 1] > features[0, 0]
    assert np.linalg.norm(features, axis=1) == pytest.approx(1)


def test_tags_of_too_few_people_do_not_count():
    content = from_taggings(_taggings((0, 0, 0), (1, 1, 0), (0, 1, 1)), n_items=2, min_taggers=2)

    assert content.features.toarray().tolist() == [[1, 0], [1, 0]]


def test_a_listeners_own_tag_on_a_hidden_item_is_forgotten():
    content = from_taggings(_taggings((0, 0, 0), (0, 1, 0), (-1, 1, 1)), n_items=2, min_taggers=1)
    hidden = to_csr(np.ones(1), np.array([0]), np.array([1]), (1, 2))

    fair = content.without(hidden)

    assert fair.features[1].toarray() == pytest.approx(np.array([[0, 1]]))
    assert fair.features[0].toarray() == pytest.approx(np.array([[1, 0]]))


def test_vectors_come_to_length_1_and_unknown_ones_stay_0():
    content = from_vectors(np.array([[3.0, 4.0], [0.0, 0.0]], dtype=np.float32))

    assert content.features.toarray() == pytest.approx(np.array([[0.6, 0.8], [0, 0]]))


def test_endless_vectors_are_refused():
    with pytest.raises(InvalidInput, match="finite"):
        from_vectors(np.array([[np.nan]]))


def test_items_of_one_artist_are_alike():
    features = from_artists(np.array([0, 1, 0])).features

    assert (features @ features.T).toarray().tolist() == [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
