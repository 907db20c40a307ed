"""A fresh process under Lambda's runtime emulator: how long until it answers for the first time."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import numpy as np

from tests.api.gateway_events import gateway_event
from tests.bench.load import children_of, cpu_ms
from tests.deployment import FUNCTIONS, REPOSITORY
from tests.lambda_machine import find_emulator, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

TURNS = 5
PATIENCE_S = 60.0


def measure_cold(store: str) -> list[dict[str, Any]]:
    """Start the API anew for each answer; nothing where there is no emulator.

    The time goes from the start of the emulator to the answer; the first turn only warms the files. On a
    machine that does other work besides, the best says most of the clock.

    Args:
        store: The store's root.
    """
    emulator = find_emulator()
    if emulator is None:
        return []
    with tempfile.TemporaryDirectory() as folder:
        # The function has no pandas, which pyarrow would import where there is one.
        (Path(folder) / "pandas.py").write_text('raise ImportError("as in the function")\n')
        environment = {
            "PYTHONPATH": os.pathsep.join(
                [folder, str(FUNCTIONS / "api"), str(REPOSITORY / "layers/timbral")]
            ),
            "PATH": os.defpath,
            "HOME": folder,
            "AWS_LAMBDA_FUNCTION_NAME": "api",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "3008",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "invented",
            "AWS_SECRET_ACCESS_KEY": "invented",
            "TIMBRAL_STORE_ROOT": store,
            "OPENBLAS_NUM_THREADS": "1",  # as in the image
        }
        return [
            {
                "what": f"first answer of {path}",
                "best ms": float(np.min([wall for wall, _ in taken])),
                "p50 ms": float(np.median([wall for wall, _ in taken])),
                "cpu p50 ms": float(np.median([cpu for _, cpu in taken])),
            }
            for path in ("/healthz", "/recs/home")
            for taken in [list(_turns(emulator, environment, path))[1:]]
        ]


def _turns(emulator: Path, environment: dict[str, str], path: str) -> Iterator[tuple[float, float]]:
    event = gateway_event("GET", path, listener="listener000001")
    for _ in range(TURNS + 1):
        port, api = free_port(), free_port()
        where = ["--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
        where += ["--runtime-api-address", f"127.0.0.1:{api}"]
        command = [str(emulator), *where, sys.executable, "-m", "awslambdaric", "handler.handler"]
        began_s = time.perf_counter()
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            answer = _first_answer(
                f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations", event
            )
            assert answer["statusCode"] == 200, answer
            yield 1e3 * (time.perf_counter() - began_s), sum(map(cpu_ms, children_of(process.pid)))
        finally:
            process.terminate()
            process.wait()


def _first_answer(address: str, event: dict[str, Any]) -> Any:
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        try:
            return httpx2.post(address, json=event, timeout=PATIENCE_S).json()
        except httpx2.ConnectError:
            time.sleep(0.005)
    msg = "the emulator doesn't come up"
    raise RuntimeError(msg)
