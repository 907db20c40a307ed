"""Measure the models against each other on the plays of pinned snapshots, part of them hidden."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from timbral import events, wiring
from timbral.errors import TimbralError
from timbral.recommender.evaluation.evaluate import evaluate
from timbral.recommender.evaluation.protocols import MIN_ITEMS, Protocol
from timbral.recommender.known import read_known
from timbral.recommender.models.content import from_vectors
from timbral.recommender.models.interactions import dense_part

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job; prints one JSON line.

    Returns:
        0, or 1 with the reason on the error stream.
    """
    parser = argparse.ArgumentParser(prog="recommender_evaluate", description=__doc__)
    parser.add_argument("--pins", type=json.loads, required=True, help="JSON: snapshot ids by table")
    parser.add_argument("--protocol", choices=get_args(Protocol), default="holdout")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--run", default="by-hand", help="the run that this belongs to, for the log")
    wanted = parser.parse_args(arguments)
    try:
        services = wiring.services()
        with services.job_log(wanted.run).step("recommender/evaluate") as outcome:
            outcome.inputs = wanted.pins
            found = measure(services, wanted.pins, wanted.protocol, wanted.seed)
    except TimbralError as error:
        print(f"recommender_evaluate: {error}", file=sys.stderr)  # noqa: T201  a job prints
        return 1
    print(json.dumps(found, sort_keys=True))  # noqa: T201  a job prints
    return 0


def measure(services: wiring.Services, pins: dict[str, str], protocol: Protocol, seed: int) -> dict[str, Any]:
    """Evaluate the standard models on what a run has computed.

    Returns:
        The report; see `timbral.recommender.evaluation.report`.
    """
    known = read_known(services.tables, events.pinned(services, {"pins": pins}))
    interactions = dense_part(known.interactions, min_items=MIN_ITEMS, min_listeners=1)
    kept = np.isin(known.interactions.item_ids, interactions.item_ids)
    return evaluate(interactions, from_vectors(known.vectors[kept]), protocol, seed).to_json()


if __name__ == "__main__":
    raise SystemExit(main())
