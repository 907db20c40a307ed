"""The bill is that of the templates: what they say is what is reckoned."""

import dataclasses

import pytest

from tests.deployment import REPOSITORY, functions, resources
from timbral.cost.bill import _shipped, idle, load_prices, monthly_bill, usual_load
from timbral.cost.deployment import read_deployment
from timbral.errors import InvalidInput

LOAD = usual_load(1_000, 300_000)


@pytest.fixture(scope="module")
def deployment():
    return read_deployment(REPOSITORY)


def reckon(deployment, load=LOAD):
    return monthly_bill(deployment, load, load_prices())


def test_memory_and_counts_are_the_templates(deployment):
    assert deployment.functions["recommender_publish_release"].memory_gb == 1.0
    assert deployment.functions["core_map_tracks"].memory_gb == 3_008 / 1_024
    assert deployment.jobs["recommender_train"].vcpus_count == 2
    assert deployment.counts["AWS::KMS::Key"] == len(resources("AWS::KMS::Key"))
    assert set(deployment.functions) == set(functions())


def test_a_parameter_of_the_template_changes_the_bill(deployment):
    warm = read_deployment(REPOSITORY, {"ApiProvisionedConcurrency": "2"})
    more = reckon(warm).lines["Lambda"] - reckon(deployment).lines["Lambda"]

    seconds = 365 / 12 * 24 * 3_600
    assert more == pytest.approx(2 * seconds * warm.functions["api"].memory_gb * 4.1667e-6, rel=1e-6)


def test_every_function_and_job_of_the_templates_is_on_the_bill(deployment):
    work = _shipped("work.json")

    assert {*work["steps"], *work["waits"], "api", "api_erase_listeners"} == set(functions())
    by_hand = {"embeddings_publish", "recommender_tune"}  # the former once, the latter when somebody asks
    assert set(work["jobs"]) | by_hand == set(deployment.jobs)


@pytest.mark.parametrize("switch", ["LastfmPulling", "SpotifyPulling", "AotyScraping"])
def test_asking_a_provider_is_paid_for_where_it_is_switched_on(deployment, switch):
    asking = read_deployment(REPOSITORY, {switch: "true"})

    assert reckon(asking).lines["Lambda"] > reckon(deployment).lines["Lambda"]


def test_arm_is_cheaper(deployment):
    on_arm = read_deployment(REPOSITORY, {"Architecture": "arm64"})

    assert reckon(on_arm).lines["Lambda"] < reckon(deployment).lines["Lambda"]


def test_nobody_there_costs_next_to_no_computing(deployment):
    busy, quiet = reckon(deployment), reckon(deployment, idle(LOAD))

    assert quiet.lines["Lambda"] + quiet.lines["Batch (Fargate)"] < 0.5
    assert quiet.lines["API Gateway"] == quiet.lines["Transfer"] == 0
    assert quiet.total < busy.total


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(LOAD)])
def test_more_of_anything_never_costs_less(deployment, field):
    more = dataclasses.replace(LOAD, **{field: 10 * getattr(LOAD, field)})

    assert reckon(deployment, more).total >= reckon(deployment).total


def test_the_gateway_is_paid_by_the_request(deployment):
    assert reckon(deployment).lines["API Gateway"] == pytest.approx(LOAD.requests_count * 1e-6)


def test_a_bill_is_the_sum_of_its_lines(deployment):
    bill = reckon(deployment)

    assert bill.total == pytest.approx(sum(bill.lines.values()))
    assert min(bill.lines.values()) >= 0


def test_every_price_says_where_it_is_from():
    import json
    from importlib.resources import files

    shipped = json.loads(files("timbral.cost").joinpath("prices.json").read_text())

    assert shipped["as_of"]
    assert all(
        one["source"].startswith("https://aws.amazon.com/") and one["per"]
        for one in shipped["prices"].values()
    )


def test_a_parameter_that_is_none_is_refused_by_its_name():
    with pytest.raises(InvalidInput, match="no parameter 'Archtecture'"):
        read_deployment(REPOSITORY, {"Archtecture": "arm64"})


def test_a_folder_without_a_template_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match=r"no template\.yaml"):
        read_deployment(tmp_path)
