"""``python -m tests.bench.rereading``: what it takes to order a search by a cross-encoder.

The model is a tiny one with random weights, so nearly all of the time is the way to it: texts, word pieces,
calls. A folder of another one (``--source``) shows what that would take.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from tests.api.memory_release import MemoryRelease
from tests.bench.measuring import one_core, show, side_by_side
from tests.embeddings.tiny_models import write_cross_source
from timbral.api.answers.rereading import reread
from timbral.api.answers.search import DEPTH, RERANKED_COUNT
from timbral.embeddings.cross_encoder import OnnxCrossEncoder
from timbral.embeddings.export import export_cross_encoder

QUERY = "dreamy guitars for a rainy night"


def main() -> None:
    """Make a cross-encoder, and order the same search over and over."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.rereading", description=__doc__)
    parser.add_argument("--source", type=Path, help="folder of a cross-encoder")
    parser.add_argument("--turns", type=int, default=50)
    asked = parser.parse_args()
    view = MemoryRelease()
    found = np.arange(DEPTH), np.linspace(1, 0.1, DEPTH, dtype=np.float32)
    with tempfile.TemporaryDirectory() as folder, one_core():
        source = asked.source or write_cross_source(Path(folder) / "tiny")
        export_cross_encoder(source, Path(folder) / "artifact")
        reader = OnnxCrossEncoder(Path(folder) / "artifact")
        [timing] = side_by_side([lambda _: reread(view, QUERY, found, reader, RERANKED_COUNT)], asked.turns)
    show(f"{RERANKED_COUNT} tracks read together with a query", [timing.row("cross-encoder")])


if __name__ == "__main__":
    main()
