"""The whole model, fitted: vocabulary, linear opinions, topics, landmarks and trees on top of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from timbral.mood.kernel import kernel_inputs
from timbral.mood.targets import TARGETS
from timbral.mood.topics import Topics, tree_inputs
from timbral.mood.training.folds import assign_folds
from timbral.mood.training.landmarks import fit_kernel
from timbral.mood.training.leaks import refuse_copied_labels, refuse_leaking_columns, refuse_voting_inputs
from timbral.mood.training.linear import (
    LinearFitter,
    as_scipy,
    choose_alphas,
    crowding_weights,
    held_out_opinions,
)
from timbral.mood.training.trees import answer, choose_settings, grow
from timbral.mood.training.vocabulary import fit_vectoriser

if TYPE_CHECKING:
    from timbral.mood.inputs import MoodInput
    from timbral.mood.kernel import KernelOpinions
    from timbral.mood.opinions import LinearOpinions
    from timbral.mood.sparse import Doubles, Floats, SparseRows, Wholes
    from timbral.mood.training.examples import Examples
    from timbral.mood.training.settings import TrainingSettings
    from timbral.mood.training.trees import TreeSettings
    from timbral.mood.vectoriser import Vectoriser
    from timbral.progress import Progress


MOST_TOPICS: Final = 64
_CROWDING: Final = 0.03
"""Weaker than that of linear models: trees have fewer rows left in each leaf."""


@dataclass(frozen=True)
class StackedModel:
    """A fitted model, in its own libraries.

    Attributes:
        vectoriser: The vocabulary.
        opinions: The linear models.
        topics: The projection of tags and genres.
        kernel: The landmarks.
        alphas: ``(n_targets,)`` the linear models' regularisation.
        trees: One model a target; None for a target without labels.
        grown_as: How each of them grew.
    """

    vectoriser: Vectoriser
    opinions: LinearOpinions
    topics: Topics
    kernel: KernelOpinions
    alphas: Doubles
    trees: tuple[Any, ...]
    grown_as: tuple[TreeSettings | None, ...]

    def members(self, tracks: list[MoodInput], text: Floats) -> Floats:
        """Return ``(n, 3, 8)`` what each of `MEMBERS` says, NaN where there are no trees."""
        rows = self.vectoriser.transform(tracks)
        opinions = self.opinions.opine(rows, text)
        topics, facts = self.topics.of(rows), self.vectoriser.facts(tracks)
        matrix = tree_inputs(opinions, topics, facts)
        unknown = np.full(len(rows), np.nan, dtype=np.float32)
        trees = [
            unknown if tree is None else answer(target, tree, matrix)
            for target, tree in zip(TARGETS, self.trees, strict=True)
        ]
        likeness = self.kernel.opine(kernel_inputs(opinions, topics, facts))
        return np.stack([opinions, likeness, np.stack(trees, axis=1)], axis=1)


def fit_stacked(examples: Examples, settings: TrainingSettings, progress: Progress) -> StackedModel:
    """Fit the whole model.

    Landmarks and trees learn from opinions that were formed without the row's artist, as they will meet them.

    Args:
        examples: What is learned from.
        settings: How.
        progress: Told of every finished tree model.

    Raises:
        ContractBroken: A label would leak into the inputs.
        InvalidInput: There are too few artists.
    """
    refuse_voting_inputs(examples.rows)
    vectoriser = fit_vectoriser(examples.tracks, settings)
    refuse_leaking_columns(vectoriser.columns)
    audio = vectoriser.audio
    refuse_copied_labels(audio, _audio_values(examples, len(audio)), examples.labels)
    rows = vectoriser.transform(examples.tracks)
    folds = assign_folds(examples.artist_ids, settings.folds_count)
    fitter = LinearFitter(rows, examples.text, examples.labels, examples.artist_ids)
    alphas = choose_alphas(fitter, rows, examples.text, examples.labels, folds)
    held_out = held_out_opinions(fitter, rows, examples.text, folds, alphas)
    topics = fit_topics(rows.first(vectoriser.named_width))
    parts = (held_out, topics.of(rows), vectoriser.facts(examples.tracks))
    artists = np.unique(np.array(examples.artist_ids), return_inverse=True)[1]
    kernel = fit_kernel(kernel_inputs(*parts), examples.labels, artists, folds)
    trees, grown_as = _grow_all(tree_inputs(*parts), examples, folds, settings, progress)
    opinions = fitter.fit(np.arange(len(rows)), alphas)
    return StackedModel(vectoriser, opinions, topics, kernel, alphas, trees, grown_as)


def fit_topics(rows: SparseRows) -> Topics:
    """Find what tags and genres have in common: the leading right singular vectors.

    Args:
        rows: ``(n, named_width)`` tags and genres alone.
    """
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415  only training loads it

    count = min(MOST_TOPICS, rows.width - 1, len(rows) - 1)
    if count < 1:
        return Topics(np.zeros((rows.width, 0), dtype=np.float32))
    found = TruncatedSVD(count, random_state=0).fit(as_scipy(rows))
    return Topics(found.components_.T.astype(np.float32))


def _grow_all(
    matrix: Floats, examples: Examples, folds: Wholes, settings: TrainingSettings, progress: Progress
) -> tuple[tuple[Any, ...], tuple[TreeSettings | None, ...]]:
    """Grow the trees of every target; fold 0 judges what is to be chosen."""
    labels = examples.labels
    artists = np.unique(np.array(examples.artist_ids), return_inverse=True)[1]

    def grow_one(column: int) -> tuple[Any, TreeSettings | None]:
        known = np.flatnonzero(~np.isnan(labels[:, column]))
        if not len(known):
            return None, None
        target, inputs, truth = TARGETS[column], matrix[known], labels[known, column]
        weights = crowding_weights(artists[known], _CROWDING)
        chosen = choose_settings(
            target, inputs, truth, weights, judge=folds[known] == 0, wanted=settings.trees
        )
        return grow(target, inputs, truth, weights, chosen), chosen

    trees = []
    with ThreadPoolExecutor(settings.workers_count) as pool:
        for tree in pool.map(grow_one, range(len(TARGETS))):
            trees.append(tree)
            progress.advance()
    return tuple(tree for tree, _ in trees), tuple(chosen for _, chosen in trees)


def _audio_values(examples: Examples, width: int) -> Floats:
    values = np.full((len(examples.rows), width), np.nan, dtype=np.float32)
    for place, track in enumerate(examples.tracks):
        for column, value in enumerate(track.audio[:width]):
            if value is not None:
                values[place, column] = value
    return values
