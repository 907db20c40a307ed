"""``python -m tests.bench.identity``: core over millions of raw plays, in bounded memory.

Plays are made up, written, and mapped in processes of their own, under a control group that ends whoever
takes more than ``--memory-mb``. First 99 % of the plays from nothing, then the rest on top of it, then all
of them shuffled, from nothing: both ways must end in the same tables.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.measuring import say, show
from tests.bench.spelled import SPELLINGS_PER_TRACK, draw_plays, spellings_of, write_plays
from tests.lambda_machine import MemoryGroup
from timbral.core import run as core
from timbral.progress import Silent
from timbral.settings import load_settings
from timbral.tables.catalogue import LANDED_TABLES
from timbral.wiring import Services

if TYPE_CHECKING:
    from timbral.store.tables import Tables

CORES_COUNT = 2
LATER_SHARE = 0.01


def main() -> None:
    """Write the plays and map them, or be one of the processes that map."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.identity", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--tracks", type=int, default=800_000)
    parser.add_argument("--memory-mb", type=int, default=4_096)
    parser.add_argument("--folder", type=Path, default=Path("build/bench-identity"))
    parser.add_argument("--map", type=Path, help="map the plays of this store, and say what came of it")
    asked = parser.parse_args()
    if asked.map:
        say(json.dumps(map_plays(open_tables(asked.map))))
        return
    shutil.rmtree(asked.folder, ignore_errors=True)
    spellings = spellings_of(asked.tracks)
    plays = draw_plays(asked.rows, asked.tracks * SPELLINGS_PER_TRACK)
    later = round(asked.rows * (1 - LATER_SHARE))
    rows = []
    for store, name, some in (
        ("grown", "the first 99 %", plays.slice(0, later)),
        ("grown", "1 % more", plays.slice(later, len(plays))),
        ("shuffled", "all, shuffled", plays.shuffled(seed=2)),
    ):
        place = asked.folder / store
        write_plays(open_tables(place), spellings, some, name.replace(" ", "-").replace("%", "percent"))
        rows.append({"what": name, "rows": len(some), **enforced(place, asked.memory_mb)})
        say(json.dumps(rows[-1]))
    show(f"core over {asked.rows:,} plays, {asked.memory_mb} MB enforced", rows)
    same = rows[1]["tables"] == rows[2]["tables"]
    say(f"\ngrown and shuffled end in {'the same tables' if same else 'OTHER TABLES'}")
    sys.exit(not same)


def open_tables(place: Path) -> Tables:
    """Open the tables of a store in a folder."""
    settings = load_settings(store_root=str(place.resolve() / "store"), scratch=place.resolve() / "scratch")
    return Services(settings).tables


def enforced(place: Path, memory_mb: int) -> dict[str, Any]:
    """Map a store's plays in a process that may use two cores and so much memory."""
    group = MemoryGroup(memory_mb)

    def confine() -> None:
        group.join()
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES_COUNT])

    command = [sys.executable, "-m", "tests.bench.identity", "--map", str(place)]
    began_s = time.perf_counter()
    try:
        done = subprocess.run(command, preexec_fn=confine, stdout=subprocess.PIPE, check=True, text=True)
    finally:
        group.close()
    return {"s": time.perf_counter() - began_s, **json.loads(done.stdout.splitlines()[-1])}


def map_plays(tables: Tables) -> dict[str, Any]:
    """Run core, and say what it took and what came of it."""
    result = core.run(tables, {table.name: tables.pin(table) for table in LANDED_TABLES}, Silent())
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "cpu s": used.ru_utime + used.ru_stime,
        "peak MB": used.ru_maxrss / 1024,
        "spellings": result.notes["spellings"],
        "read": result.computed_count,
        "tracks": result.notes["tracks"],
        "merged names": result.notes["merged_names"],
        "tables": "/".join(snapshot.id[:8] for snapshot in result.snapshots.values()),
    }


if __name__ == "__main__":
    main()
