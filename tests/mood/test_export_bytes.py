"""A model's file is a function of the model, whatever process writes it."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import sys
import numpy as np
from timbral.digests import digest_bytes
from timbral.mood.training.export import to_onnx
from timbral.mood.training.trees import grow, settings_for

chance = np.random.default_rng(3)
matrix = chance.random((60, 5)).astype(np.float32)
for target, labels in (("energy", matrix[:, 0]), ("happy", matrix[:, 1] > 0.5)):
    [chosen] = settings_for(target, 60, "tuned")
    tree = grow(target, matrix, labels.astype(np.float32), np.ones(60), chosen)
    print(digest_bytes(to_onnx(target, tree, 5)))
"""


@pytest.mark.slow
def test_the_order_of_sets_does_not_show():
    said = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(said) == 1
    assert len(said.pop().split()) == 2
