"""Many listeners at once against uvicorn with two workers on loopback: what is answered, how memory moves.

``python -m tests.bench.load --folder build/bench/100000/store`` after ``python -m tests.bench``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import numpy as np

from tests.bench.measuring import say, show
from tests.bench.release import track_id
from timbral.cli.answering import KEPT_ALIVE_S

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import FastAPI

LISTENERS_COUNT = 300
TRACKS_ASKED = 100
PATIENCE_S = 60.0
LOOK_AT_MEMORY_S = 1.0
WARM_UP = range(3)
SETTLED = 0.25
"""Part of the run after which caches are expected to be as full as they get to be."""


@dataclass
class Outcome:
    """What came of a run.

    Attributes:
        statuses: How many answers had each status; 0 for those that never came.
        times_ms: How long each answer took.
        memory_mb: Resident memory of all workers together, second by second.
        worker_cpu_ms: Processor time of all workers together.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    times_ms: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    worker_cpu_ms: float = 0

    @property
    def growth_mb(self) -> float:
        """By how much the highest memory of the last part lies above that of the part when it had settled."""
        seen = self.memory_mb
        settled, last = int(len(seen) * SETTLED), int(len(seen) * (1 - SETTLED))
        return max(seen[last:]) - max(seen[settled : 2 * settled + 1])

    def row(self, what: str) -> dict[str, Any]:
        """Return the figures to show."""
        return {
            "what": what,
            "answers": sum(self.statuses.values()),
            "not 200": sum(times for status, times in self.statuses.items() if status != 200),
            "p50 ms": float(np.median(self.times_ms)),
            "p95 ms": float(np.quantile(self.times_ms, 0.95)),
            "cpu ms an answer": self.worker_cpu_ms / max(len(self.times_ms), 1),
            "memory MB": self.memory_mb[-1],
            "growth MB": self.growth_mb,
        }


def app() -> FastAPI:
    """Return the application in development mode over the store that the environment names."""
    from timbral.api.straight import collect_rarely
    from timbral.wiring import services

    collect_rarely()  # as `timbral serve` does
    return services().serving.app(development=True)


def run(store: str, *, seconds: float, at_once: int, workers: int = 2) -> Outcome:
    """Start a server, ask it for a while, and stop it.

    Args:
        store: The store's root.
        seconds: How long to ask.
        at_once: How many requests are under way at any time.
        workers: The server's processes.
    """
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    where = ["--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
    where += ["--timeout-keep-alive", str(KEPT_ALIVE_S)]
    command = [sys.executable, "-m", "uvicorn", "--factory", "tests.bench.load:app", *where]
    environment = {**os.environ, "TIMBRAL_STORE_ROOT": store, "OPENBLAS_NUM_THREADS": "1"}  # as in images
    server = subprocess.Popen([*command, "--log-level", "warning", "--no-access-log"], env=environment)
    try:
        return asyncio.run(_ask_for(f"http://127.0.0.1:{port}", server.pid, seconds, at_once))
    finally:
        server.terminate()
        server.wait()


async def _ask_for(address: str, server: int, seconds: float, at_once: int) -> Outcome:
    outcome = Outcome()
    limits = httpx2.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    async with httpx2.AsyncClient(base_url=address, limits=limits, timeout=PATIENCE_S) as client:
        await _wait_until_up(client)
        await asyncio.gather(*(_ask(client, number, WARM_UP, Outcome()) for number in range(at_once)))
        until_s = time.monotonic() + seconds
        turns = takewhile(lambda _: time.monotonic() < until_s, count())
        before_ms = sum(map(cpu_ms, children_of(server)))
        watch = asyncio.create_task(_watch(server, until_s, outcome))
        await asyncio.gather(*(_ask(client, number, turns, outcome) for number in range(at_once)))
        await watch
        outcome.worker_cpu_ms = sum(map(cpu_ms, children_of(server))) - before_ms
    return outcome


async def _wait_until_up(client: httpx2.AsyncClient) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        try:
            if (await client.get("/healthz")).is_success:
                return
        except httpx2.TransportError:
            await asyncio.sleep(0.1)
    msg = "the server doesn't come up"
    raise RuntimeError(msg)


async def _ask(client: httpx2.AsyncClient, number: int, turns: Iterable[int], outcome: Outcome) -> None:
    random = np.random.default_rng(number)
    for _ in turns:
        method, path, body = _question(random)
        listener = f"listener{random.integers(LISTENERS_COUNT):06d}"
        began_s = time.perf_counter()
        try:
            headers = {"Authorization": f"Bearer dev:{listener}"}
            answer = await client.request(method, path, json=body, headers=headers)
            outcome.statuses[answer.status_code] += 1
        except httpx2.TransportError:
            outcome.statuses[0] += 1
        outcome.times_ms.append(1e3 * (time.perf_counter() - began_s))


def _question(random: np.random.Generator) -> tuple[str, str, Any]:
    row = int(random.integers(TRACKS_ASKED))
    seeds = [track_id(int(seed)) for seed in random.choice(TRACKS_ASKED, 5, replace=False)]
    ways: list[tuple[str, str, Any]] = [
        ("GET", "/recs/home", None),
        ("GET", f"/recs/track/{track_id(row)}", None),
        ("GET", "/taste/summary", None),
        ("POST", "/search", {"query": f"warm rain {row}"}),
        ("POST", "/playlists/autofill", {"seeds": seeds, "k": 20}),
    ]
    return ways[int(random.integers(len(ways)))]


async def _watch(server: int, until_s: float, outcome: Outcome) -> None:
    while time.monotonic() < until_s:
        outcome.memory_mb.append(sum(map(resident_mb, children_of(server))))
        await asyncio.sleep(LOOK_AT_MEMORY_S)


def cpu_ms(process: int) -> float:
    """Return the processor time that a process has taken, in milliseconds (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    user, system = fields[11:13]
    return 1e3 * (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def children_of(process: int) -> list[int]:
    """Return the processes that a process has started (Linux)."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def resident_mb(process: int) -> float:
    """Return the memory that is a process's own, in MB; files that it maps don't count."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    sizes = [line.split()[1] for line in status.splitlines() if line.startswith("RssAnon:")]
    return int(sizes[0]) / 1024 if sizes else 0.0


def main() -> None:
    """Run and show."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/bench/100000/store"))
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--at-once", type=int, default=200)
    asked = parser.parse_args()
    outcome = run(str(asked.folder.resolve()), seconds=asked.seconds, at_once=asked.at_once)
    show("load", [outcome.row(f"{asked.at_once} at once for {asked.seconds:.0f} s, two workers")])
    say(f"statuses: {dict(outcome.statuses)}")


if __name__ == "__main__":
    main()
