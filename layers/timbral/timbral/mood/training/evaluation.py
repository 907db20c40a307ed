"""How well a model does on artists that it hasn't met, beside what costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from timbral.mood.targets import REGRESSIONS, TARGETS
from timbral.mood.training.held_out import hold_out_folds
from timbral.mood.training.intervals import ArtistBootstrap
from timbral.mood.training.thresholds import constant_flags, flag, micro_f1
from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from timbral.mood.blend import Blend
    from timbral.mood.sparse import Doubles, Floats
    from timbral.mood.training.examples import Examples
    from timbral.mood.training.held_out import HeldOut
    from timbral.mood.training.settings import TrainingSettings
    from timbral.progress import Progress
    from timbral.store.checkpoints import Checkpoint

LEAST_TRACKS: Final = 5
"""Tracks that an artist must have for its mean to say something."""


def cross_validate(
    examples: Examples, settings: TrainingSettings, progress: Progress, checkpoint: Checkpoint | None = None
) -> tuple[dict[str, Any], dict[str, float], Blend]:
    """Measure by artist-grouped folds; tune blend and the moods' threshold on what was held out.

    Args:
        examples: What is learned from.
        settings: How.
        progress: Told of every finished tree model.
        checkpoint: Keeps what finished folds said.

    Returns:
        The metrics, the thresholds by mood, and the blend.
    """
    held = hold_out_folds(examples, settings, progress, checkpoint)
    metrics = {
        "protocol": f"{settings.folds_count} folds, no artist on both sides",
        "examples_counts": examples.counts(),
        "artists_count": len(set(examples.artist_ids)),
        "regressions": {target: _summary(measure_regression(held, target, 0)) for target in REGRESSIONS},
        "moods": _summary(measure_moods(held, 0)) | {"by_mood": _by_mood(held)},
        "blend": held.blend.to_json(),
    }
    return metrics, held.thresholds, held.blend


def measure_regression(held: HeldOut, target: str, seed: int) -> dict[str, Any]:
    """Measure energy or valence, a track at a time and averaged over each artist.

    Rows that stand for an artist are not counted: they are learned from only.

    Args:
        held: Predictions of tracks that were held out.
        target: ``energy`` or ``valence``.
        seed: Decides the bootstrap's draws.

    Returns:
        ``{labels_count, artists_count, track: {model|trees|ridge|mean: {rmse, interval}}, artist_mean: …}``;
        the latter over the artists of at least `LEAST_TRACKS` tracks, their number beside.
    """
    column = TARGETS.index(target)
    labels = held.examples.labels[:, column]
    is_track = np.array([row.origin != "artist_mean" for row in held.examples.rows])
    held = held.take(np.flatnonzero(is_track & ~np.isnan(labels)))
    truth = held.examples.labels[:, column].astype(np.float64)
    artist_ids = held.examples.artist_ids
    errors = {name: found[:, column].astype(np.float64) - truth for name, found in held.answers.items()}
    names, artists, counts = np.unique(np.array(artist_ids), return_inverse=True, return_counts=True)
    many = counts >= LEAST_TRACKS
    means = {name: (np.bincount(artists, weights=error) / counts)[many] for name, error in errors.items()}
    return {
        "labels_count": len(truth),
        "artists_count": len(names),
        "track": _rmses(errors, artist_ids, seed),
        "artist_mean": _rmses(means, names[many].tolist(), seed) | {"artists_count": int(many.sum())},
    }


def _rmses(errors: dict[str, Doubles], artist_ids: list[str], seed: int) -> dict[str, Any]:
    if not artist_ids:
        return {}
    bootstrap = ArtistBootstrap(artist_ids, seed)
    return {
        name: {"rmse": round(float(np.sqrt(np.mean(error**2))), 4), "interval": bootstrap.rmse(error)}
        for name, error in errors.items()
    }


def measure_moods(held: HeldOut, seed: int) -> dict[str, Any]:
    """Measure the six moods together.

    Args:
        held: Predictions of tracks that were held out.
        seed: Decides the bootstrap's draws.

    Returns:
        ``{labels_count, tracks_count, artists_count, threshold, micro_f1: {model|trees|ridge|constant:
        {micro_f1, interval}}}``; the constant is chosen with a look at the truth.
    """
    truth = held.examples.labels[:, len(REGRESSIONS) :]
    held = held.take(np.flatnonzero(~np.isnan(truth).all(axis=1)))
    truth = held.examples.labels[:, len(REGRESSIONS) :]
    artist_ids = held.examples.artist_ids
    bootstrap = ArtistBootstrap(artist_ids, seed)
    answers = held.flags | {"constant": constant_flags(truth)}
    return {
        "labels_count": int((~np.isnan(truth)).sum()),
        "tracks_count": len(truth),
        "artists_count": len(set(artist_ids)),
        "threshold": held.thresholds[MOODS[0]],
        "micro_f1": {
            name: {"micro_f1": micro_f1(flags, truth), "interval": bootstrap.micro_f1(flags, truth)}
            for name, flags in answers.items()
        },
    }


def _summary(measured: dict[str, Any]) -> dict[str, Any]:
    """Write a measurement flat, as a model's metrics keep it."""
    flat: dict[str, Any] = {"labels_count": measured["labels_count"]}
    for level, prefix in (("track", ""), ("artist_mean", "artist_"), ("micro_f1", "")):
        figure = "micro_f1" if level == "micro_f1" else "rmse"
        for name, found in measured.get(level, {}).items():
            if isinstance(found, dict):
                flat[f"{prefix}{name}_{figure}"] = found[figure]
                flat[f"{prefix}{name}_{figure}_interval"] = found["interval"]
    return flat


def _by_mood(held: HeldOut) -> dict[str, Any]:
    truth: Floats = held.examples.labels[:, len(REGRESSIONS) :]
    flags = flag(held.answers["model"][:, len(REGRESSIONS) :], held.thresholds)
    return {
        mood: {
            "positives_share": round(float(np.nanmean(truth[:, place])), 4),
            "threshold": held.thresholds[mood],
            "f1_at_threshold": micro_f1(flags[:, [place]], truth[:, [place]]),
        }
        for place, mood in enumerate(MOODS)
    }
