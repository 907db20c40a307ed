"""Cases made up from the API's own description, each answer held against it.

    python -m tests.api.fuzz --cases 5000 --seed 1

runs that many over all operations, and chains of requests that follow what answers lead to.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter

import schemathesis
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.checks import CHECKS

from tests.api.conftest import LISTENER, Office, Shelf, keeping_in_memory
from tests.api.memory_release import MemoryRelease
from timbral.api.application import create_app
from timbral.api.identity import Identity
from timbral.api.problems import Unauthorized

TOKEN = "good"
# What a schema can't say: years in order, a cursor of this very question, ids that the release has. Such
# requests are refused, with a problem that names the field.
MORE_THAN_A_SCHEMA_SAYS = {"positive_data_acceptance"}


class Verifier:
    """Knows one token."""

    def verify(self, token):
        if token != TOKEN:
            msg = "the token is not a genuine one"
            raise Unauthorized(msg)
        return {"sub": LISTENER, "roles": ["operator"]}


def application():
    """Return an application over the planted release, which keeps in memory what it is told."""
    shelf = Shelf(MemoryRelease())
    identity = Identity(verifier=Verifier())
    return create_app(shelf, identity, shelf, keeping=keeping_in_memory(), listeners=Office())


def fuzz(cases_count, seeded, chains_count=0):
    """Send cases to every operation.

    Returns:
        How many answers there were, by operation and status.

    Raises:
        AssertionError: An answer breaks the contract, or is a 5xx.
    """
    schema = schemathesis.openapi.from_asgi("/openapi.json", application())
    checks = [check for check in CHECKS.get_all() if check.__name__ not in MORE_THAN_A_SCHEMA_SAYS]
    operations = [found.ok() for found in schema.get_all_operations()]
    answers = Counter()
    each = settings(
        max_examples=-(-cases_count // len(operations)),
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    def answered(case):
        answer = case.call(headers=vouched(case))
        answers[case.operation.label, answer.status_code] += 1
        case.validate_response(answer, checks=checks, headers=vouched(case))
        assert answer.status_code < 500, answer.text

    for operation in operations:
        seed(seeded)(each(schemathesis_test(operation, answered)))()
    if chains_count:
        follow(schema, chains_count, answers, checks)
    return answers


def vouched(case):
    """Return headers with a good token, unless leaving it out is what the case is about."""
    meant = case.headers and "Authorization" in case.headers
    return {"Authorization": f"Bearer {TOKEN}"} if meant else {}


def schemathesis_test(operation, answered):
    """Make a Hypothesis test of one operation, of good cases and bad ones."""
    from hypothesis import given
    from hypothesis import strategies as st
    from schemathesis import GenerationMode

    modes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @given(case=st.one_of(modes))
    def test(case):
        answered(case)

    return test


def follow(schema, chains_count, answers, checks):
    """Send chains of requests, each made of what the one before was answered."""
    machine = schema.as_state_machine()

    class Chain(machine):
        def get_call_kwargs(self, case):
            return {"headers": vouched(case)}

        def validate_response(self, response, case, **options):
            del options
            answers[f"chain: {case.operation.label}", response.status_code] += 1
            case.validate_response(response, checks=checks, headers=vouched(case))

    options = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
    run_state_machine_as_test(
        Chain,
        settings=settings(max_examples=chains_count, stateful_step_count=6, derandomize=True, **options),
    )


def main():
    """Run it, and count the answers."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=5_000)
    parser.add_argument("--chains", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    answers = fuzz(wanted.cases, wanted.seed, wanted.chains)
    for (operation, status), count in sorted(answers.items()):
        sys.stdout.write(f"{count:>6}  {status}  {operation}\n")
    sys.stdout.write(f"{sum(answers.values()):>6}  answers, none of them a 5xx or against the contract\n")


if __name__ == "__main__":
    main()
