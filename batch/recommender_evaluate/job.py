"""Measure the models against each other on the plays of pinned snapshots, part of them hidden."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from timbral import wiring
from timbral.digests import digest_json
from timbral.errors import TimbralError
from timbral.operations import events
from timbral.operations.interruption import noticed
from timbral.recommender.evaluation.evaluate import evaluate
from timbral.recommender.evaluation.protocols import MIN_ITEMS, Protocol, choose_protocol
from timbral.recommender.evaluation.sources import from_known, with_store_events
from timbral.recommender.known import read_known
from timbral.recommender.models.content import from_vectors
from timbral.recommender.models.interactions import dense_part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.recommender.known import Known
    from timbral.recommender.models.content import Content
    from timbral.recommender.models.interactions import Interactions


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job; prints one JSON line.

    Returns:
        0, or 1 with the reason on the error stream.
    """
    parser = argparse.ArgumentParser(prog="recommender_evaluate", description=__doc__)
    parser.add_argument("--pins", type=json.loads, required=True, help="JSON: snapshot ids by table")
    parser.add_argument("--protocol", choices=get_args(Protocol), help="if not given time, else holdout")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--run", default="by-hand", help="the run that this belongs to, for the log")
    wanted = parser.parse_args(arguments)
    try:
        services = wiring.services()
        with noticed(services.stopping), services.job_log(wanted.run).step("recommender/evaluate") as outcome:
            outcome.inputs = wanted.pins
            found = measure(services, wanted.pins, wanted.protocol, wanted.seed)
    except TimbralError as error:
        print(f"recommender_evaluate: {error}", file=sys.stderr)  # noqa: T201  a job prints
        return 1
    print(json.dumps(found, sort_keys=True))  # noqa: T201  a job prints
    return 0


def measure(
    services: wiring.Services, pins: dict[str, str], protocol: Protocol | None, seed: int
) -> dict[str, Any]:
    """Evaluate the standard models on what a run has computed.

    Args:
        services: Settings and adapters.
        pins: Snapshot ids by table; times are known where ``user_scrobbles_raw`` is among them.
        protocol: None for ``time`` where there are times, else ``holdout``.
        seed: Of all that is drawn.

    Returns:
        The report; see `timbral.recommender.evaluation.report`.
    """
    known = read_known(services.tables, pinned := events.pinned(services, {"pins": pins}))
    timed, content = from_known(known)
    timed = with_store_events(timed, services.tables, pinned)
    chosen = protocol or choose_protocol(timed)
    kept = services.checkpoint("recommender").part(digest_json(["evaluate", pins, chosen, seed]))
    measured = (timed, content) if chosen == "time" else _dense(known)
    found = evaluate(*measured, chosen, seed, checkpoint=kept.part("findings")).to_json()
    kept.clear()
    return found


def _dense(known: Known) -> tuple[Interactions, Content]:
    interactions = dense_part(known.interactions, min_items=MIN_ITEMS, min_listeners=1)
    kept = np.isin(known.interactions.item_ids, interactions.item_ids)
    return interactions, from_vectors(known.vectors[kept])


if __name__ == "__main__":
    raise SystemExit(main())
