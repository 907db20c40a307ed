"""Train on pinned snapshots, evaluate, and register a release; serving it is not this job's part."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from timbral import wiring
from timbral.errors import TimbralError
from timbral.operations import running
from timbral.operations.interruption import noticed

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job; prints one JSON line.

    Returns:
        0, or 1 with the reason on the error stream.
    """
    parser = argparse.ArgumentParser(prog="recommender_train", description=__doc__)
    parser.add_argument("--pins", type=json.loads, required=True, help="JSON: snapshot ids by table")
    parser.add_argument("--run", default="by-hand", help="the run that this belongs to, for the log")
    wanted = parser.parse_args(arguments)
    try:
        services = wiring.services()
        with noticed(services.stopping):
            done = running.run_step(services, "recommender", {"pins": wanted.pins, "run": wanted.run})
    except TimbralError as error:
        print(f"recommender_train: {error}", file=sys.stderr)  # noqa: T201  a job prints
        return 1
    print(json.dumps(done, sort_keys=True))  # noqa: T201  a job prints
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
