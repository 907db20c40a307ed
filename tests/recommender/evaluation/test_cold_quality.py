import pytest

from tests.recommender.planted import plant
from timbral.errors import InvalidInput
from timbral.progress import Silent
from timbral.recommender.evaluation.cold_quality import measure_cold_items


def test_without_taggers_there_is_a_clear_answer():
    planted = plant(n_blocks=2, listeners_per_block=10)

    with pytest.raises(InvalidInput, match="who tagged what"):
        measure_cold_items(planted.interactions, None, 0, Silent())


@pytest.mark.realdata
@pytest.mark.slow
def test_hidden_artists_of_hetrec_are_placed_by_their_tags(realdata):
    from tests.recommender.realdata import hetrec

    found = measure_cold_items(*hetrec(realdata), 0, Silent())

    assert found["all tags"]["ridge"]["ndcg@10"] >= 0.44
    assert found["all tags"]["ridge"]["ndcg@10"] > found["all tags"]["centroid"]["ndcg@10"]
