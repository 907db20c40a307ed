"""What training costs beside the library that it is built on, on the same matrix."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from timbral.progress import Silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from timbral.recommender.models.interactions import Csr

ROUNDS_COUNT = 5


def measure_training(plays: Csr) -> dict[str, Any]:
    """Train in turns with bare `implicit`: same matrix of confidences, factors, iterations and threads.

    Args:
        plays: ``(n_listeners, n_items)``.

    Returns:
        The fewest seconds of processor time of each, over all threads, and their ratio: other work on the
        machine changes them little.
    """
    from implicit.cpu.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits

    from timbral.recommender.models.als import AlsSettings, confidence_for, confidences, train_als

    settings = AlsSettings()
    weighed = confidences(plays, confidence_for(plays, settings))

    def bare() -> None:
        with threadpool_limits(limits=1, user_api="blas"):
            model = AlternatingLeastSquares(
                settings.factors, settings.regularization, iterations=settings.iterations, random_state=0
            )
            model.fit(weighed, show_progress=False)

    def ours() -> None:
        train_als(plays, settings, Silent())

    rounds = [(_cpu_s(bare), _cpu_s(ours)) for _ in range(ROUNDS_COUNT)]
    bare_s, ours_s = (min(column) for column in zip(*rounds, strict=True))
    return {
        "listeners": plays.shape[0],
        "items": plays.shape[1],
        "plays": int(plays.nnz),
        "bare_cpu_s": bare_s,
        "cpu_s": ours_s,
        "ratio": ours_s / bare_s,
    }


def _cpu_s(run: Callable[[], None]) -> float:
    began_s = time.process_time()
    run()
    return time.process_time() - began_s
