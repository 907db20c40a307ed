"""The flow's steps as single functions run them: models are used there and never made.

On one machine a step makes the model that it lacks. A function has neither the packages nor the time to;
making models is the container jobs' part, and a function without its model says which job makes it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from timbral.errors import NotFound
from timbral.wiring import ENCODER_PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from timbral.embeddings.artifact import EncoderManifest
    from timbral.embeddings.encoder import OnnxEncoder
    from timbral.progress import Progress
    from timbral.stage import Pins, StageResult
    from timbral.wiring import Services

    Run = Callable[[Pins, Progress], StageResult]

# Imports stand inside the functions: each pays only for what it uses.
# ruff: noqa: PLC0415  as said above


def step_of(services: Services, stage: str) -> Run:
    """Return what runs a stage's step.

    Args:
        services: Settings and adapters.
        stage: The step's word.
    """
    own = {
        "embeddings": encode_tracks,
        "mood": predict_moods,
        "vectors": assemble_vectors,
        "recommender": register_release,
    }
    if stage in own:
        return partial(own[stage], services)
    return next(step.run for step in services.stages.steps() if step.stage == stage)


def encode_tracks(services: Services, pins: Pins, progress: Progress) -> StageResult:
    """Encode texts with the encoder in use.

    Raises:
        NotFound: There is none.
    """
    from timbral.embeddings.run import run

    return run(services.tables, pins, progress, encoder=_loaded_encoder(services))


def encode_chunk(services: Services, pins: Pins, progress: Progress, *, chunk: str) -> StageResult:
    """Encode one chunk of the texts with the encoder in use.

    Raises:
        NotFound: There is none.
    """
    from timbral.embeddings.run import encode_chunk

    return encode_chunk(services.tables, pins, progress, encoder=_loaded_encoder(services), chunk=chunk)


def _loaded_encoder(services: Services) -> OnnxEncoder:
    from timbral.embeddings.encoder import OnnxEncoder

    folder = _in_use(services, ENCODER_PREFIX, "embeddings_publish")
    return OnnxEncoder(folder, threads=services.settings.threads_count)


def predict_moods(services: Services, pins: Pins, progress: Progress) -> StageResult:
    """Predict with the mood model in use, though the labels may have changed since.

    Raises:
        NotFound: There is no mood model, or no encoder.
        ContractBroken: The model was made for another encoder.
    """
    from timbral.mood.artifact import PREFIX
    from timbral.mood.predictor import MoodPredictor
    from timbral.mood.run import run

    predictor = MoodPredictor(_in_use(services, PREFIX, "mood_train"))
    return run(services.tables, pins, progress, predictor, encoder=_encoder(services).fingerprint)


def assemble_vectors(services: Services, pins: Pins, progress: Progress) -> StageResult:
    """Place tracks; the projection is fitted here if need be, for it takes no more than numpy.

    Raises:
        NotFound: There is no encoder.
    """
    from timbral.vectors.fit import PREFIX, fit_if_needed
    from timbral.vectors.run import run

    encoder, artifacts = _encoder(services), services.artifacts(PREFIX)
    version = fit_if_needed(
        services.tables,
        pins,
        artifacts,
        encoder=encoder.fingerprint,
        dimension=encoder.dimension,
        with_audio=services.settings.train_on_provider_content,
    )
    folder = artifacts.folder(version)
    return run(services.tables, pins, progress, folder=folder, version=version, encoder=encoder.fingerprint)


def register_release(services: Services, pins: Pins, progress: Progress) -> StageResult:
    """Train, evaluate and register a release; serving it is the publishing function's part alone."""
    return services.stages.make_release(pins, progress)


def _encoder(services: Services) -> EncoderManifest:
    """Say what the encoder in use is, without loading it."""
    from timbral.embeddings.artifact import load_manifest

    return load_manifest(_in_use(services, ENCODER_PREFIX, "embeddings_publish"))


def _in_use(services: Services, prefix: str, job: str) -> Path:
    artifacts = services.artifacts(prefix)
    version = artifacts.current()
    if version is None:
        msg = f"the store has nothing under {prefix!r}: run the job {job} first"
        raise NotFound(msg)
    return artifacts.folder(version)
