"""``python -m tests.engine``: a container engine and the images to build on, where there may be neither.

``start`` prints what a shell has to export, and fails with one sentence where no engine can be had.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.engine.bases import provide_bases
from tests.engine.daemon import EngineError, find_engine, start_engine, stop_engine

PLACE = Path(tempfile.gettempdir()) / "timbral-engine"


def main() -> int:
    """Start an engine, or stop the one that was started here."""
    parser = argparse.ArgumentParser(prog="python -m tests.engine", description=__doc__)
    parser.add_argument("what", choices=["start", "stop"])
    parser.add_argument(
        "--folder", type=Path, default=PLACE, help="where its images lie, outside of any project"
    )
    asked = parser.parse_args()
    folder = asked.folder.resolve()
    try:
        if asked.what == "stop":
            stop_engine(folder)
            return 0
        found = find_engine(folder)
        engine = found or start_engine(folder)
        made = provide_bases(engine, folder)
    except EngineError as error:
        sys.stderr.write(f"no container engine: {error}\n")
        return 1
    sys.stdout.write(f"export DOCKER_HOST={engine.address}\n")
    if not found:
        sys.stdout.write("export TIMBRAL_ENGINE_STARTED=yes\n")
    for name in made:
        sys.stderr.write(f"{name} is a stand-in: no registry gave it\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
