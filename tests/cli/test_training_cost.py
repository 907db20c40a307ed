from tests.recommender.planted import plant
from timbral.cli.training_cost import measure_training


def test_training_is_measured_beside_bare_implicit():
    found = measure_training(plant().interactions.plays)

    assert found["plays"] == plant().interactions.plays.nnz
    assert found["ratio"] == found["cpu_s"] / found["bare_cpu_s"] > 0
