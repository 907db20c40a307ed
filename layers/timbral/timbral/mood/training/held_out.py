"""Predictions of tracks whose artists the models have not met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timbral.mood.targets import REGRESSIONS
from timbral.mood.training.folds import assign_folds
from timbral.mood.training.leaks import refuse_split_artists
from timbral.mood.training.stacked import fit_stacked
from timbral.mood.training.thresholds import flag, nested_flags, tune_thresholds

if TYPE_CHECKING:
    from timbral.mood.sparse import Floats, Wholes
    from timbral.mood.training.examples import Examples
    from timbral.mood.training.settings import TrainingSettings
    from timbral.mood.training.thresholds import Flags
    from timbral.progress import Progress

_MOODS = slice(len(REGRESSIONS), None)


@dataclass(frozen=True)
class HeldOut:
    """What was predicted of tracks that were held out.

    Attributes:
        examples: The tracks.
        model: ``(n, 8)`` predictions, NaN for a target that nothing was learned of.
        ridge: ``(n, 8)`` those of the linear models alone.
        mean: ``(n, 8)`` the means of what was learned from.
        model_flags: ``(n, 6)`` the moods that hold, by a threshold that was tuned on other tracks.
        ridge_flags: ``(n, 6)`` the same for the linear models.
        thresholds: The threshold of each mood, tuned on all tracks that were held out to tune it.
    """

    examples: Examples
    model: Floats
    ridge: Floats
    mean: Floats
    model_flags: Flags
    ridge_flags: Flags
    thresholds: dict[str, float]

    def take(self, places: Wholes) -> HeldOut:
        """Return some of the tracks."""
        return HeldOut(
            self.examples.take(places),
            self.model[places],
            self.ridge[places],
            self.mean[places],
            self.model_flags[places],
            self.ridge_flags[places],
            self.thresholds,
        )


def hold_out_folds(examples: Examples, settings: TrainingSettings, progress: Progress) -> HeldOut:
    """Hold out a fold of artists at a time.

    Args:
        examples: Labelled tracks.
        settings: How to learn.
        progress: Told of every finished tree model.

    Raises:
        ContractBroken: A label would leak into the inputs.
        InvalidInput: There are too few artists.
    """
    folds = assign_folds(examples.artist_ids, settings.folds_count)
    model = np.empty_like(examples.labels)
    ridge, mean = np.empty_like(model), np.empty_like(model)
    for fold in range(settings.folds_count):
        inside = np.flatnonzero(folds == fold)
        train, held_out = examples.take(np.flatnonzero(folds != fold)), examples.take(inside)
        model[inside], ridge[inside], mean[inside] = _predict(train, held_out, settings, progress)
    truth, scores, plain = examples.labels[:, _MOODS], model[:, _MOODS], ridge[:, _MOODS]
    return HeldOut(
        examples,
        model,
        ridge,
        mean,
        nested_flags(scores, truth, folds),
        nested_flags(plain, truth, folds),
        tune_thresholds(scores, truth),
    )


def hold_out_part(
    train: Examples, held_out: Examples, settings: TrainingSettings, progress: Progress
) -> HeldOut:
    """Hold out a part of a published division; thresholds are tuned by folds of the other part.

    Args:
        train: What is learned from.
        held_out: What is predicted.
        settings: How to learn.
        progress: Told of every finished tree model.

    Raises:
        ContractBroken: A label would leak into the inputs, or an artist lies in both parts.
        InvalidInput: There are too few artists.
    """
    parts = np.repeat([0, 1], [len(train.rows), len(held_out.rows)])
    refuse_split_artists([*train.artist_ids, *held_out.artist_ids], parts)
    inner = hold_out_folds(train, settings, progress)
    model, ridge, mean = _predict(train, held_out, settings, progress)
    plain = tune_thresholds(inner.ridge[:, _MOODS], train.labels[:, _MOODS])
    return HeldOut(
        held_out,
        model,
        ridge,
        mean,
        flag(model[:, _MOODS], inner.thresholds),
        flag(ridge[:, _MOODS], plain),
        inner.thresholds,
    )


def _predict(
    train: Examples, held_out: Examples, settings: TrainingSettings, progress: Progress
) -> tuple[Floats, Floats, Floats]:
    fitted = fit_stacked(train, settings, progress)
    model, ridge = fitted.predict(held_out.tracks, held_out.text)
    known = ~np.isnan(train.labels)
    totals = np.where(known, train.labels, 0).sum(axis=0, dtype=np.float64)
    means = np.where(known.any(axis=0), totals / np.maximum(known.sum(axis=0), 1), np.nan)
    return model, ridge, np.broadcast_to(means.astype(np.float32), model.shape)
