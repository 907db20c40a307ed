"""Serve the API from a container, behind a load balancer that speaks to it in plain HTTP."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import uvicorn

from timbral import wiring
from timbral.api.straight import collect_rarely
from timbral.operations.background import work_in_background

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop.

    Returns:
        0, or 2 where nobody could ever be let in.
    """
    parser = argparse.ArgumentParser(prog="api_serve", description=__doc__)
    parser.add_argument("--host", default="0.0.0.0", help="address to bind to")  # noqa: S104  a container's own
    parser.add_argument("--port", type=int, default=8080)
    wanted = parser.parse_args(arguments)
    if wiring.services().settings.jwt_issuer is None:
        sys.stderr.write(
            "TIMBRAL_JWT_ISSUER is not set: without an issuer of tokens nobody could be let in\n"
        )
        return 2
    work_in_background(wiring.services())
    collect_rarely()
    uvicorn.run(wiring.services().serving.app(), host=wanted.host, port=wanted.port, access_log=False)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
