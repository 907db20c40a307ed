"""No request that can be made up from the description breaks it.

The few cases of the default part find what a change has broken; `make test-slow` sends more than 5,000.
"""

import orjson
import pytest

from tests.api.fuzz import Fuzz
from timbral.api.contract.links import LINKS
from timbral.api.description import description

FEW, MANY, CHAINS = 8, 400, 150
SELDOM_GOOD = {"GET /ingest/jobs/{job_id}", "GET /listeners/me/erasures/{receipt_id}"}
"""What only chains get right: nobody guesses these ids."""


@pytest.fixture(scope="module")
def fuzz():
    return Fuzz(seeded=7)


def operations():
    paths = orjson.loads(description())["paths"]
    return sorted(f"{method.upper()} {path}" for path, methods in paths.items() for method in methods)


@pytest.mark.parametrize("label", operations())
def test_a_few_cases_of_an_operation_are_answered_as_described(fuzz, label):
    fuzz.cases(label, FEW)

    assert fuzz.answers.total() >= FEW


@pytest.mark.slow
@pytest.mark.parametrize("label", operations())
def test_no_case_of_an_operation_breaks_the_description(label):
    fuzz = Fuzz(seeded=11)
    fuzz.cases(label, MANY)

    assert fuzz.answers.total() >= MANY
    assert any(status < 300 for operation, status in fuzz.answers) or label in SELDOM_GOOD


@pytest.mark.slow
def test_no_chain_of_requests_along_the_links_breaks_the_description():
    fuzz = Fuzz()
    fuzz.chains(CHAINS)

    followed = {operation for operation, status in fuzz.answers if status == 200}
    assert {"chain: GET /ingest/jobs/{job_id}", "chain: GET /recs/track/{track_id}"} <= followed
    assert fuzz.answers.total() > CHAINS


def test_enough_cases_are_sent_in_all():
    assert MANY * len(operations()) > 5_000


def test_every_link_leads_from_an_operation_to_one():
    paths = orjson.loads(description())["paths"]
    ids = {one["operationId"] for methods in paths.values() for one in methods.values()}

    assert set(LINKS) <= ids
    assert {link.operation for links in LINKS.values() for link in links.values()} <= ids
