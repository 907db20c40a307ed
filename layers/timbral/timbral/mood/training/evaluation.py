"""How well a model does on artists that it hasn't met, beside what costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from timbral.mood.targets import REGRESSIONS, TARGETS
from timbral.mood.training.folds import assign_folds
from timbral.mood.training.stacked import fit_stacked
from timbral.mood.training.thresholds import (
    best_constant,
    flag,
    micro_f1,
    nested_flags,
    tune_thresholds,
)
from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from timbral.mood.sparse import Floats, Wholes
    from timbral.mood.training.examples import Examples
    from timbral.mood.training.settings import TrainingSettings
    from timbral.progress import Progress


def cross_validate(
    examples: Examples, settings: TrainingSettings, progress: Progress
) -> tuple[dict[str, Any], dict[str, float]]:
    """Measure by artist-grouped folds, and tune each mood's threshold on what was held out.

    Args:
        examples: What is learned from.
        settings: How.
        progress: Told of every finished tree model.

    Returns:
        The metrics, and the thresholds by mood.
    """
    folds = assign_folds(examples.artist_ids, settings.folds_count)
    model = np.empty_like(examples.labels)
    ridge, mean = np.empty_like(model), np.empty_like(model)
    for fold in range(settings.folds_count):
        inside = np.flatnonzero(folds == fold)
        train = examples.take(np.flatnonzero(folds != fold))
        held_out = examples.take(inside)
        fitted = fit_stacked(train, settings, progress)
        model[inside], ridge[inside] = fitted.predict(held_out.tracks, held_out.text)
        mean[inside] = np.nanmean(train.labels, axis=0)
    thresholds = tune_thresholds(model[:, len(REGRESSIONS) :], examples.labels[:, len(REGRESSIONS) :])
    return {
        "protocol": f"{settings.folds_count} folds, no artist on both sides",
        "examples_counts": examples.counts(),
        "artists_count": len(set(examples.artist_ids)),
        "regressions": _regressions(examples.labels, model=model, ridge=ridge, mean=mean),
        "moods": _moods(model, ridge, examples.labels, folds, thresholds),
    }, thresholds


def _regressions(labels: Floats, **predictions: Floats) -> dict[str, Any]:
    return {
        target: {
            "labels_count": int((~np.isnan(labels[:, column])).sum()),
            **{
                f"{name}_rmse": _rmse(found[:, column], labels[:, column])
                for name, found in predictions.items()
            },
        }
        for column, target in enumerate(TARGETS)
        if target in REGRESSIONS
    }


def _rmse(predicted: Floats, labels: Floats) -> float:
    return round(float(np.sqrt(np.nanmean((predicted.astype(np.float64) - labels) ** 2))), 4)


def _moods(
    model: Floats, ridge: Floats, labels: Floats, folds: Wholes, thresholds: dict[str, float]
) -> dict[str, Any]:
    truth = labels[:, len(REGRESSIONS) :]
    scores, plain = model[:, len(REGRESSIONS) :], ridge[:, len(REGRESSIONS) :]
    tuned = flag(scores, thresholds)
    return {
        "labels_count": int((~np.isnan(truth)).sum()),
        "model_micro_f1": micro_f1(nested_flags(scores, truth, folds), truth),
        "ridge_micro_f1": micro_f1(nested_flags(plain, truth, folds), truth),
        "constant_micro_f1": best_constant(truth),
        "by_mood": {
            mood: {
                "positives_share": round(float(np.nanmean(truth[:, place])), 4),
                "threshold": thresholds[mood],
                "f1_at_threshold": micro_f1(tuned[:, [place]], truth[:, [place]]),
            }
            for place, mood in enumerate(MOODS)
        },
    }
