"""Put an encoder in use, and a cross-encoder where one is wanted: the store's, or made from weights."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from timbral import wiring
from timbral.errors import TimbralError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job; prints one JSON line.

    Returns:
        0, or 1 with the reason on the error stream.
    """
    parser = argparse.ArgumentParser(prog="embeddings_publish", description=__doc__)
    parser.add_argument("--run", default="by-hand", help="the run that this belongs to, for the log")
    wanted = parser.parse_args(arguments)
    try:
        services = wiring.services()
        with services.job_log(wanted.run).step("embeddings/publish") as outcome:
            versions = {"encoder_version": services.encoder_version}
            if services.settings.search_cross_encoder:
                versions["cross_encoder_version"] = services.cross_encoder_version
            outcome.notes = dict(versions)
    except TimbralError as error:
        print(f"embeddings_publish: {error}", file=sys.stderr)  # noqa: T201  a job prints
        return 1
    print(json.dumps(versions))  # noqa: T201  a job prints
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
