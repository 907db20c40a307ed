"""``python -m tests.bench.cold_image``: the API's own image, started anew: how long until its first answer.

The release is the bench's, in a folder that the container reads; its files are in memory from the first turn
on. The time goes from the first request, with which the emulator starts the function's process.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.api.gateway_events import gateway_event
from tests.bench.measuring import show
from tests.engine.__main__ import PLACE
from tests.engine.daemon import Engine, find_engine
from tests.lambda_containers import LambdaContainers, image_of
from tests.lambda_machine import find_emulator

TURNS = 5
ENVIRONMENT = {
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "invented",
    "AWS_SECRET_ACCESS_KEY": "invented",
    "TIMBRAL_STORE_ROOT": "/mnt/store",
    "POWERTOOLS_SERVICE_NAME": "timbral",
    "POWERTOOLS_METRICS_NAMESPACE": "Timbral",
}


def measure_cold_image(engine: Engine, emulator: Path, store: Path) -> list[dict[str, Any]]:
    """Start the image anew for each answer; the first turn only warms the files.

    Args:
        engine: Has the image.
        emulator: Lambda's runtime emulator.
        store: The store's folder.
    """
    containers, rows = LambdaContainers(engine, emulator), []
    for path in ("/healthz", "/recs/home"):
        event, taken = gateway_event("GET", path, listener="listener000001"), []
        for _ in range(TURNS + 1):
            with containers.started("api", ENVIRONMENT, options=(f"--volume={store}:/mnt/store:ro",)) as api:
                answer, _, elapsed_s = api.send(event)
                taken.append((1e3 * elapsed_s, api.cpu_ms))
            assert isinstance(answer, dict), answer
            assert answer["statusCode"] == 200, answer
        wall_ms, cpu_ms = np.median(np.array(taken[1:], dtype=float), axis=0)
        rows.append({"what": f"first answer of {path}", "p50 ms": wall_ms, "cpu p50 ms": cpu_ms})
    return rows


def main() -> None:
    """Measure, where there is an engine that has the image."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cold_image", description=__doc__)
    parser.add_argument("store", type=Path, help="as `make bench` leaves it: build/bench/100000/store")
    engine, emulator, store = find_engine(PLACE), find_emulator(), parser.parse_args().store.resolve()
    if engine is None or emulator is None or not engine.has(image_of("api")):
        parser.error("there is no engine with the API's image: `make aws-check` builds it")
    with tempfile.TemporaryDirectory() as folder:  # which whoever runs the image may read
        copy = shutil.copytree(store, Path(folder) / "store")
        Path(folder).chmod(0o755)
        show("fresh containers of the API's image", measure_cold_image(engine, emulator, copy))


if __name__ == "__main__":
    main()
