"""Predictions of tracks whose artists the models have not met."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from timbral.mood.blend import MEMBERS
from timbral.mood.targets import REGRESSIONS, TARGETS
from timbral.mood.training.blending import blend_each_fold, fit_blend
from timbral.mood.training.folds import assign_folds
from timbral.mood.training.leaks import refuse_split_artists
from timbral.mood.training.stacked import fit_stacked
from timbral.mood.training.thresholds import flag, nested_flags, tune_thresholds
from timbral.store.checkpoints import NotKept, pack, unpack

if TYPE_CHECKING:
    from timbral.mood.blend import Blend
    from timbral.mood.sparse import Floats, Wholes
    from timbral.mood.training.examples import Examples
    from timbral.mood.training.settings import TrainingSettings
    from timbral.mood.training.thresholds import Flags
    from timbral.progress import Progress
    from timbral.store.checkpoints import Checkpoint

_MOODS = slice(len(REGRESSIONS), None)


@dataclass(frozen=True)
class HeldOut:
    """What was predicted of tracks that were held out.

    Attributes:
        examples: The tracks.
        answers: ``(n, 8)`` predictions of the ``model``; of its ``trees`` and its linear models (``ridge``)
            alone; and the ``mean`` of what was learned from. NaN for a target that nothing was learned of.
        flags: ``(n, 6)`` the moods that hold of all but ``mean``, by thresholds that were tuned on others.
        thresholds: The model's, tuned on all tracks that were held out to tune them.
        blend: What each member counts, chosen on the same tracks.
    """

    examples: Examples
    answers: dict[str, Floats]
    flags: dict[str, Flags]
    thresholds: dict[str, float]
    blend: Blend

    def take(self, places: Wholes) -> HeldOut:
        """Return some of the tracks."""
        return replace(
            self,
            examples=self.examples.take(places),
            answers={name: values[places] for name, values in self.answers.items()},
            flags={name: values[places] for name, values in self.flags.items()},
        )


def hold_out_folds(
    examples: Examples, settings: TrainingSettings, progress: Progress, checkpoint: Checkpoint | None = None
) -> HeldOut:
    """Hold out a fold of artists at a time.

    Args:
        examples: Labelled tracks.
        settings: How to learn.
        progress: Told of every finished tree model.
        checkpoint: Keeps what finished folds said of these examples.

    Raises:
        ContractBroken: A label would leak into the inputs.
        InvalidInput: There are too few artists.
    """
    kept = checkpoint or NotKept()
    folds = assign_folds(examples.artist_ids, settings.folds_count)
    shape = (len(examples.rows), len(MEMBERS), len(TARGETS))
    before = unpack(kept.found(), {"members": shape, "mean": examples.labels.shape, "done": ()})
    members, mean, done = (
        (before["members"], before["mean"], int(before["done"]))
        if before
        else (np.zeros(shape, dtype=np.float32), np.zeros_like(examples.labels), 0)
    )
    progress.advance(done * len(TARGETS))
    for fold in range(done, settings.folds_count):
        inside = np.flatnonzero(folds == fold)
        train, held_out = examples.take(np.flatnonzero(folds != fold)), examples.take(inside)
        members[inside], mean[inside] = _predict(train, held_out, settings, progress)
        state = {"members": members, "mean": mean, "done": np.array(fold + 1)}
        kept.keep(partial(pack, state))
    truth = examples.labels[:, _MOODS]
    answers = {"model": blend_each_fold(members, examples.labels, folds), **_alone(members)}
    flags = {name: nested_flags(values[:, _MOODS], truth, folds) for name, values in answers.items()}
    thresholds = tune_thresholds(answers["model"][:, _MOODS], truth)
    blend = fit_blend(members, examples.labels)
    return HeldOut(examples, answers | {"mean": mean}, flags, thresholds, blend)


def hold_out_part(
    train: Examples, held_out: Examples, settings: TrainingSettings, progress: Progress
) -> HeldOut:
    """Hold out a part of a published division; blend and thresholds are tuned by folds of the other part.

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
    members, mean = _predict(train, held_out, settings, progress)
    answers = {"model": inner.blend.mix(members), **_alone(members)}
    truth = train.labels[:, _MOODS]
    flags = {
        name: flag(values[:, _MOODS], tune_thresholds(inner.answers[name][:, _MOODS], truth))
        for name, values in answers.items()
    }
    return HeldOut(held_out, answers | {"mean": mean}, flags, inner.thresholds, inner.blend)


def _alone(members: Floats) -> dict[str, Floats]:
    """Return what the model is shown beside: its trees and its linear models by themselves."""
    return {
        name: np.clip(members[:, MEMBERS.index(member)], 0.0, 1.0)
        for name, member in (("trees", "trees"), ("ridge", "linear"))
    }


def _predict(
    train: Examples, held_out: Examples, settings: TrainingSettings, progress: Progress
) -> tuple[Floats, Floats]:
    """Return ``(n, n_members, 8)`` predictions, and ``(n, 8)`` the means of what was learned from."""
    members = fit_stacked(train, settings, progress).members(held_out.tracks, held_out.text)
    known = ~np.isnan(train.labels)
    totals = np.where(known, train.labels, 0).sum(axis=0, dtype=np.float64)
    means = np.where(known.any(axis=0), totals / np.maximum(known.sum(axis=0), 1), np.nan)
    return members, np.broadcast_to(means.astype(np.float32), held_out.labels.shape)
