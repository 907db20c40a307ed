import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from timbral.recommender.models.fold_in import FoldIn


def test_the_solution_is_that_of_the_whole_weighted_problem():
    random = np.random.default_rng(0)
    items = random.normal(size=(30, 4)).astype(np.float32)
    played, sure = np.array([2, 7, 11]), np.array([21.0, 5.0, -9.0], dtype=np.float32)
    weights, wanted = np.ones(30), np.zeros(30)
    weights[played], wanted[played] = np.abs(sure), sure > 0
    normal = items.T @ (weights[:, None] * items) + 0.5 * np.eye(4)

    placed = FoldIn(items, 0.5).one(played, sure)

    np.testing.assert_allclose(placed, np.linalg.solve(normal, items.T @ (weights * wanted)), rtol=1e-4)


def test_no_plays_place_a_listener_at_zero():
    fold_in = FoldIn(np.ones((3, 2), dtype=np.float32), 1.0)

    placed = fold_in.many(np.array([0, 0]), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))

    assert placed.tolist() == [[0.0, 0.0]]


@given(st.integers(0, 1_000))
def test_the_order_of_plays_does_not_matter(seed):
    random = np.random.default_rng(seed)
    fold_in = FoldIn(random.normal(size=(12, 3)).astype(np.float32), 0.1)
    items, sure = random.permutation(12)[:5], random.uniform(1, 30, 5).astype(np.float32)

    forwards, backwards = fold_in.one(items, sure), fold_in.one(items[::-1], sure[::-1])

    np.testing.assert_allclose(forwards, backwards, rtol=1e-4, atol=1e-5)


def test_what_the_api_uses_needs_numpy_alone():
    modules = "fold_in, fusion, diversity"
    code = f"from timbral.recommender.models import {modules}; import sys; print('scipy' in sys.modules)"

    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "False"
