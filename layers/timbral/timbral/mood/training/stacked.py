"""The whole model, fitted: vocabulary, linear opinions, trees on top of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from timbral.mood.targets import AUDIO_INPUTS, TARGETS
from timbral.mood.training.folds import assign_folds
from timbral.mood.training.leaks import refuse_copied_labels, refuse_leaking_columns, refuse_voting_inputs
from timbral.mood.training.linear import LinearFitter, as_scipy, choose_alpha, held_out_opinions
from timbral.mood.training.trees import answer, grow, settings_for
from timbral.mood.vectoriser import Vectoriser, fit_vectoriser

if TYPE_CHECKING:
    from timbral.mood.inputs import MoodInput
    from timbral.mood.opinions import LinearOpinions
    from timbral.mood.sparse import Floats, SparseRows
    from timbral.mood.training.examples import Examples
    from timbral.mood.training.settings import TrainingSettings
    from timbral.progress import Progress


@dataclass(frozen=True)
class StackedModel:
    """A fitted model, in its own libraries.

    Attributes:
        vectoriser: The vocabulary.
        opinions: The linear models.
        alpha: Their regularisation.
        trees: One model a target.
    """

    vectoriser: Vectoriser
    opinions: LinearOpinions
    alpha: float
    trees: tuple[Any, ...]

    def predict(self, tracks: list[MoodInput], text: Floats) -> tuple[Floats, Floats]:
        """Return ``(n, 8)`` predictions of the trees, and those of the linear models alone."""
        rows = self.vectoriser.transform(tracks)
        opinions = self.opinions.opine(rows, text)
        matrix = tree_inputs(opinions, rows)
        answers = [answer(target, tree, matrix) for target, tree in zip(TARGETS, self.trees, strict=True)]
        return np.clip(np.stack(answers, axis=1), 0, 1), np.clip(opinions, 0, 1)


def tree_inputs(opinions: Floats, rows: SparseRows) -> Any:
    """Put opinions before the vectoriser's columns, as SciPy sparse rows."""
    from scipy.sparse import csr_matrix, hstack  # noqa: PLC0415  only training loads it

    return hstack([csr_matrix(opinions), as_scipy(rows)]).tocsr()


def fit_stacked(examples: Examples, settings: TrainingSettings, progress: Progress) -> StackedModel:
    """Fit the whole model.

    The trees learn from opinions that were formed without the row's artist, as they will meet them.

    Args:
        examples: What is learned from.
        settings: How.
        progress: Told of every finished tree model.

    Raises:
        ContractBroken: A label would leak into the inputs.
        InvalidInput: There are too few artists.
    """
    refuse_voting_inputs(examples.rows)
    audio = AUDIO_INPUTS if settings.audio_inputs else ()
    vectoriser = fit_vectoriser(
        examples.tracks, most_tags=settings.most_tags, most_genres=settings.most_genres, audio=audio
    )
    refuse_leaking_columns(vectoriser.columns)
    refuse_copied_labels(audio, _audio_values(examples, len(audio)), examples.labels)
    rows = vectoriser.transform(examples.tracks)
    folds = assign_folds(examples.artist_ids, settings.folds_count)
    fitter = LinearFitter(rows, examples.text, examples.labels)
    alpha = choose_alpha(fitter, rows, examples.text, examples.labels, folds)
    held_out = held_out_opinions(fitter, rows, examples.text, folds, alpha)
    matrix = tree_inputs(held_out, rows)
    trees = _grow_all(matrix, examples.labels, settings.workers_count, progress)
    return StackedModel(vectoriser, fitter.fit(np.arange(len(rows)), alpha), alpha, trees)


def _grow_all(matrix: Any, labels: Floats, workers_count: int, progress: Progress) -> tuple[Any, ...]:
    def grow_one(column: int) -> Any:
        known = np.flatnonzero(~np.isnan(labels[:, column]))
        return grow(TARGETS[column], matrix[known], labels[known, column], settings_for(len(known)))

    trees = []
    with ThreadPoolExecutor(workers_count) as pool:
        for tree in pool.map(grow_one, range(len(TARGETS))):
            trees.append(tree)
            progress.advance()
    return tuple(trees)


def _audio_values(examples: Examples, width: int) -> Floats:
    values = np.full((len(examples.rows), width), np.nan, dtype=np.float32)
    for place, track in enumerate(examples.tracks):
        for column, value in enumerate(track.audio[:width]):
            if value is not None:
                values[place, column] = value
    return values
