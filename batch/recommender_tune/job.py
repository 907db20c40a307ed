"""Search settings of factors, blend and diversity on an inner holdout of pinned snapshots.

Every trial is kept, the failed ones too: in the store below ``recommender/experiments``, and of runs on
public data in ``log.md`` beside this job.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from timbral import wiring
from timbral.digests import digest_json
from timbral.errors import TimbralError
from timbral.operations import events
from timbral.operations.interruption import noticed
from timbral.recommender.evaluation.protocols import MIN_ITEMS
from timbral.recommender.evaluation.tuning import best, inner_holdout, log_lines, tune
from timbral.recommender.known import read_known
from timbral.recommender.models.content import from_vectors
from timbral.recommender.models.interactions import dense_part

if TYPE_CHECKING:
    from collections.abc import Sequence

EXPERIMENTS = "recommender/experiments"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job; prints one JSON line.

    Returns:
        0, or 1 with the reason on the error stream.
    """
    parser = argparse.ArgumentParser(prog="recommender_tune", description=__doc__)
    parser.add_argument("--pins", type=json.loads, required=True, help="JSON: snapshot ids by table")
    parser.add_argument("--trials", type=int, default=20, help="settings to try, those in use among them")
    parser.add_argument("--seed", type=int, default=0, help="of the search and of training")
    parser.add_argument("--run", default="by-hand", help="the run that this belongs to, for the log")
    wanted = parser.parse_args(arguments)
    try:
        services = wiring.services()
        with noticed(services.stopping), services.job_log(wanted.run).step("recommender/tune") as outcome:
            outcome.inputs = wanted.pins
            found = search_settings(services, wanted.pins, wanted.trials, wanted.seed)
    except TimbralError as error:
        print(f"recommender_tune: {error}", file=sys.stderr)  # noqa: T201  a job prints
        return 1
    print(json.dumps(found, sort_keys=True))  # noqa: T201  a job prints
    return 0


def search_settings(
    services: wiring.Services, pins: dict[str, str], trials_count: int, seed: int
) -> dict[str, Any]:
    """Search settings, and keep the log in the store; the test part of a holdout is never looked at.

    Returns:
        ``best``: the best trial; ``in use``: the settings of today; ``log``: the key of the whole log.
    """
    known = read_known(services.tables, events.pinned(services, {"pins": pins}))
    interactions = dense_part(known.interactions, min_items=MIN_ITEMS, min_listeners=1)
    tried = np.isin(known.interactions.item_ids, interactions.item_ids)
    inner = inner_holdout(interactions, from_vectors(known.vectors[tried]), seed)
    name = digest_json([pins, trials_count, seed])
    kept = services.checkpoint("recommender").part(name)
    log = tune([inner], trials_count, seed, checkpoint=kept.part("trials"))
    key = f"{EXPERIMENTS}/{name}.jsonl"
    services.objects.put(key, log_lines(log).encode())
    kept.clear()
    return {"best": asdict(best(log)), "in use": asdict(log[0]), "log": key}


if __name__ == "__main__":
    raise SystemExit(main())
