"""``python -m tests.bench``: the served release measured side by side with the bare work, in one run.

Times are of this machine and this moment; ratios and recalls are what to look at. Processor time counts
all threads, and on a busy machine it is the steadier figure. Queries and requests have one core, as the
targets say; fresh processes and many at once have all.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from tests.bench.cold import measure_cold
from tests.bench.index import measure_index
from tests.bench.load import run
from tests.bench.measuring import one_core, say, show
from tests.bench.release import publish
from tests.bench.routes import Routes
from tests.bench.targets import judged
from timbral.recommender.release.source import CurrentRelease
from timbral.settings import load_settings
from timbral.wiring import Services

LISTENERS_COUNT = 2_000
ASKING_COUNT = 300
AT_ONCE = 200


def main() -> None:
    """Build the release unless it is there, and measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--turns", type=int, default=300)
    parser.add_argument("--folder", type=Path, default=Path("build/bench"), help="kept for the next run")
    parser.add_argument(
        "--load-seconds", type=float, default=60, help="how long to ask at once; 0 to leave it"
    )
    asked = parser.parse_args()
    folder = (asked.folder / str(asked.tracks)).resolve()
    services = Services(load_settings(store_root=str(folder / "store"), scratch=folder / "scratch"))
    if services.releases.current() is None:
        began_s = time.perf_counter()
        publish(services.releases, asked.tracks, LISTENERS_COUNT)
        say(f"built a release of {asked.tracks:,} tracks in {time.perf_counter() - began_s:.0f} s")
    source = CurrentRelease(
        services.releases, folder / "scratch" / "releases", lambda: services.encoder, time.monotonic
    )
    listeners = [f"listener{number:06d}" for number in range(ASKING_COUNT)]
    tables = {}
    with one_core():
        tables["index"] = measure_index(source.current(), asked.turns)
        routes = Routes(source, services.encoder, listeners)
        tables[f"requests, {ASKING_COUNT} listeners"] = routes.measure(asked.turns)
    tables["fresh processes under the runtime emulator"] = measure_cold(str(folder / "store"))
    if asked.load_seconds:
        outcome = run(str(folder / "store"), seconds=asked.load_seconds, at_once=AT_ONCE)
        tables[f"{AT_ONCE} at once, two workers, {asked.load_seconds:g} s"] = [outcome.row("load")]
    for title, rows in tables.items():
        if rows:
            show(f"{title}, {asked.tracks:,} tracks", rows)
    show("targets", judged([row for rows in tables.values() for row in rows]))


main()
