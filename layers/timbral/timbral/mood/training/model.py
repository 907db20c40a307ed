"""From examples to a model folder that has proved itself."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from timbral.errors import ContractBroken
from timbral.mood.artifact import MoodManifest, digest_served
from timbral.mood.predictor import MoodPredictor
from timbral.mood.priors import fit_priors
from timbral.mood.targets import TARGETS
from timbral.mood.training.evaluation import cross_validate
from timbral.mood.training.export import write_manifest, write_model
from timbral.mood.training.stacked import fit_stacked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from timbral.mood.training.examples import Examples
    from timbral.mood.training.settings import TrainingSettings
    from timbral.mood.training.stacked import StackedModel
    from timbral.progress import Progress
    from timbral.store.checkpoints import Checkpoint

PARITY = 1e-5
_PARITY_ROWS = 2_000


def train_model(
    examples: Examples,
    settings: TrainingSettings,
    progress: Progress,
    folder: Path,
    *,
    encoder: str = "",
    labels: str = "",
    tag_shares: dict[str, float] | None = None,
    checkpoint: Checkpoint | None = None,
) -> MoodManifest:
    """Measure, fit, export, and hold the exported model against the native one.

    Args:
        examples: What is learned from.
        settings: How.
        progress: Told of every finished tree model.
        folder: Where the model goes; the same examples and settings always give the same bytes.
        encoder: Fingerprint of the encoder that the examples' text was embedded with; empty for none.
        labels: Digest of the labels and settings; of the labels alone if not given.
        tag_shares: The catalogue's tag distribution, to tell drift by later.
        checkpoint: Keeps what finished folds said of these examples.

    Raises:
        ContractBroken: A label would leak into the inputs, or the exported model answers otherwise than
            the native one by more than `PARITY`.
        InvalidInput: There are too few artists.
    """
    progress.begin("mood model", (settings.folds_count + 1) * len(TARGETS), "models")
    with _one_thread():
        metrics, thresholds, blend = cross_validate(examples, settings, progress, checkpoint)
        model = fit_stacked(examples, settings, progress)
    priors = fit_priors([track.genres for track in examples.tracks], examples.labels)
    metrics["ridge_alphas"] = dict(zip(TARGETS, map(float, model.alphas), strict=True))
    metrics["trees"] = {
        target: asdict(own) for target, own in zip(TARGETS, model.grown_as, strict=True) if own is not None
    }
    write_model(folder, model, priors, blend=blend, thresholds=thresholds, metrics=metrics)
    text = ("text",) if examples.text.shape[1] else ()
    audio = ("audio",) if settings.audio_inputs else ()
    manifest = MoodManifest(
        encoder=encoder,
        text_dimension=examples.text.shape[1],
        inputs=("tags", "genres", "decade", "popularity", "duration", "title", *text, *audio),
        labels=labels or examples.labels_digest(),
        examples_counts=examples.counts(),
        tag_shares=tag_shares or {},
        files=digest_served(folder),
    )
    write_manifest(folder, manifest)
    check_parity(model, MoodPredictor(folder), examples)
    return manifest


def check_parity(model: StackedModel, predictor: MoodPredictor, examples: Examples) -> float:
    """Hold each member of the exported model against the native one.

    Returns:
        The largest difference found.

    Raises:
        ContractBroken: It is above `PARITY`.
    """
    shown = examples.take(np.arange(min(len(examples.rows), _PARITY_ROWS)))
    native = model.members(shown.tracks, shown.text)
    served = predictor.members(shown.tracks, shown.text)
    worst = float(np.abs(native - served).max())
    if not worst <= PARITY:
        msg = (
            f"the exported mood model differs from the native one by {worst:g}; at most {PARITY:g} is allowed"
        )
        raise ContractBroken(msg)
    return worst


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep BLAS to one thread: another number of threads would sum in another order."""
    import scipy.linalg  # noqa: F401, PLC0415  it brings a BLAS of its own, and only what is loaded is limited
    from threadpoolctl import threadpool_limits  # noqa: PLC0415  only training needs it

    with threadpool_limits(1):
        yield
