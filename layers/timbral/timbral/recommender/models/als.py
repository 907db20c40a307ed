"""Alternating least squares over implicit feedback: listeners and items in one factor space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from timbral.recommender.models.fold_in import Confidence, FoldIn, Weighting
from timbral.recommender.models.interactions import listeners_per_item
from timbral.store.checkpoints import NotKept, pack, unpack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from timbral.progress import Progress
    from timbral.recommender.models.content import Content
    from timbral.recommender.models.interactions import Csr, Floats, Interactions
    from timbral.store.checkpoints import Checkpoint

SETTLED_SHARE = 0.001  # of a listener's own length: what the last closing step may still move it
CLOSING_STEPS_MOST = 10


@dataclass(frozen=True)
class AlsSettings:
    """How to train; the defaults were found on inner holdouts of HetRec and Taste Profile together.

    Discounting popular items lifts accuracy and doubles the share of items that are ever recommended;
    with it one regularisation serves both a dense and a sparse data set. Of 40 trials of
    `evaluation.tuning` none was better on HetRec; 256 factors were no better than 128, nor 30 iterations
    than 15.

    Attributes:
        factors: Dimension of the factor space.
        regularization: Weight of the factors' squared length.
        iterations: Alternations between listeners and items.
        weighting: See `Confidence`.
        confidence: What a play adds, on average over all plays, to the 1 of an unheard item.
        discount: For ``discounted``: an item's weight falls with this power of its listeners.
        emphasis: For ``discounted``: see `Confidence`.
        seed: Of the random start.
        threads: 0 for all cores.
    """

    factors: int = 128
    regularization: float = 70.0
    iterations: int = 15
    weighting: Weighting = "discounted"
    confidence: float = 20.0
    discount: float = 0.4
    emphasis: float = 0.5
    seed: int = 0
    threads: int = 0


@dataclass(frozen=True)
class Factors:
    """What training gives.

    Attributes:
        listeners: ``(n_listeners, n_factors)`` solved for the final items, as folding in would place them.
        items: ``(n_items, n_factors)``.
        confidence: How plays were weighed; folding in must weigh them alike.
        regularization: As trained with; folding in needs it too.
    """

    listeners: Floats
    items: Floats
    confidence: Confidence
    regularization: float

    def fold_in(self) -> FoldIn:
        """Return the solver that places newcomers among these items."""
        return FoldIn(self.items, self.regularization)


def confidence_for(plays: Csr, settings: AlsSettings) -> Confidence:
    """Weigh plays by what the training data says of the items' popularity."""
    if settings.weighting != "discounted":
        return Confidence(settings.weighting, settings.confidence)
    counts = listeners_per_item(plays)
    weights = np.maximum(counts, 1.0) ** -settings.discount
    mean = float(weights @ counts) / max(int(counts.sum()), 1)
    relative = (weights / (mean or 1.0)).astype(np.float32)
    return Confidence("discounted", settings.confidence, relative, settings.emphasis)


def confidences(plays: Csr, confidence: Confidence) -> Csr:
    """Replace plays by signed confidences."""
    weighed = plays.copy()
    weighed.data = confidence.of(plays.indices, plays.data, plays.indptr)
    return weighed


def train_als(
    plays: Csr, settings: AlsSettings, progress: Progress, checkpoint: Checkpoint | None = None
) -> Factors:
    """Train on plays; negative signals count as sure dislike.

    The same plays, settings and number of threads give the same factors, in one go or in several.

    Args:
        plays: ``(n_listeners, n_items)``, see `Interactions`.
        settings: How.
        progress: Told of each iteration.
        checkpoint: Keeps the factors of these plays and settings between iterations.
    """
    confidence, kept = confidence_for(plays, settings), checkpoint or NotKept()
    weighed = confidences(plays, confidence)
    progress.begin("als", settings.iterations, "iterations")
    done = 0

    def told(*_: Any) -> None:
        nonlocal done
        done += 1
        progress.advance()
        kept.keep(lambda: pack(_state(model, done)))

    # implicit runs its own threads; BLAS threads beside them only get in the way
    with threadpool_limits(limits=1, user_api="blas"):
        model = AlternatingLeastSquares(
            factors=settings.factors,
            regularization=settings.regularization,
            iterations=settings.iterations,
            random_state=settings.seed,
            num_threads=settings.threads,
        )
        done = _go_on(model, unpack(kept.found(), _shapes(plays, settings)))
        progress.advance(done)
        model.iterations = settings.iterations - done
        model.fit(weighed, show_progress=False, callback=told)
        _settle(model, weighed, settings.threads)
    return Factors(model.user_factors, model.item_factors, confidence, settings.regularization)


def _shapes(plays: Csr, settings: AlsSettings) -> dict[str, tuple[int, ...]]:
    n_listeners, n_items = plays.shape
    own = {"listeners": (n_listeners, settings.factors), "items": (n_items, settings.factors)}
    return own | {"done": ()}


def _state(model: AlternatingLeastSquares, done: int) -> dict[str, NDArray[Any]]:
    return {"listeners": model.user_factors, "items": model.item_factors, "done": np.array(done)}


def _go_on(model: AlternatingLeastSquares, state: dict[str, NDArray[Any]] | None) -> int:
    """Put kept factors into a model; return how many iterations they have behind them."""
    if state is None:
        return 0
    model.user_factors, model.item_factors = state["listeners"], state["items"]
    return int(state["done"])


def _settle(model: AlternatingLeastSquares, weighed: Csr, threads: int) -> None:
    """Solve for the listeners once more: training updates the items last and leaves them behind.

    A few warm steps are as good as implicit's exact solver and several times faster.
    """
    listeners = model.user_factors
    for _ in range(CLOSING_STEPS_MOST):
        before = listeners.copy()
        model.solver(weighed, listeners, model.item_factors, model.regularization, num_threads=threads)
        moved = np.linalg.norm(listeners - before, axis=1)
        if (moved <= SETTLED_SHARE * np.linalg.norm(listeners, axis=1)).all():
            break


class Als:
    """The scorer over these factors.

    Args:
        settings: How to train.
        checkpoint: Keeps how far training has come; for one set of interactions.
    """

    def __init__(self, settings: AlsSettings | None = None, checkpoint: Checkpoint | None = None) -> None:
        self.settings = settings or AlsSettings()
        self._checkpoint = checkpoint
        self._train: Interactions | None = None
        self.factors: Factors
        self._fold_in: FoldIn

    def fit(self, train: Interactions, content: Content | None, progress: Progress) -> None:  # noqa: ARG002 - all scorers are offered content
        """Train; nothing happens if these interactions are what it was trained on last."""
        if train is self._train:
            return
        self.factors = train_als(train.plays, self.settings, progress, self._checkpoint)
        self._fold_in, self._train = self.factors.fold_in(), train

    def score(self, plays: Csr) -> Floats:
        """Fold the listeners in and multiply."""
        return np.asarray(self.place(plays) @ self.factors.items.T)

    def place(self, plays: Csr) -> Floats:
        """Fold the listeners in, ``(n, n_factors)``."""
        weighed = confidences(plays, self.factors.confidence)
        with threadpool_limits(limits=1, user_api="blas"):  # many small solves: threads would only wait
            return self._fold_in.many(weighed.indptr, weighed.indices, weighed.data)
