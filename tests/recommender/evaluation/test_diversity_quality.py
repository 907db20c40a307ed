from tests.recommender.planted import plant
from timbral.progress import Silent
from timbral.recommender.evaluation.diversity_quality import most_affordable, ndcg_by_diversity
from timbral.recommender.evaluation.protocols import holdout
from timbral.recommender.models.als import Als, AlsSettings


def test_more_diversity_never_finds_more_of_a_planted_taste():
    planted = plant(n_blocks=3, listeners_per_block=10)
    part = holdout(planted.interactions, seed=0)
    als = Als(AlsSettings(factors=16, iterations=5))
    als.fit(part.train, None, Silent())

    found = ndcg_by_diversity(part, als, als.factors.items)

    assert found["0.5"] < found["0.1"] <= found["0.0"]


def test_what_costs_too_much_is_not_afforded():
    found = [{"0.0": 0.5, "0.1": 0.5, "0.2": 0.49, "0.3": 0.4, "0.4": 0.3, "0.5": 0.1}]

    assert most_affordable(found) == 0.2
