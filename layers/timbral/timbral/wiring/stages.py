"""The flow's steps, as one machine runs them all: a step makes the model that it lacks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from timbral.wiring.foundation import ENCODER_PREFIX

if TYPE_CHECKING:
    from timbral.flow import Step
    from timbral.recommender.run import RecommenderSettings
    from timbral.stage import Pins, StageResult
    from timbral.wiring.foundation import Foundation


class Stages:
    """What runs each stage over pinned snapshots.

    Args:
        foundation: Settings and the store.
    """

    def __init__(self, foundation: Foundation) -> None:
        self._own = foundation

    def recommender_settings(self) -> RecommenderSettings:
        """Return how the recommender trains."""
        from timbral.recommender.models.als import AlsSettings
        from timbral.recommender.run import RecommenderSettings

        als = AlsSettings(
            factors=self._own.settings.als_factors_count,
            iterations=self._own.settings.als_iterations_count,
            weighting=self._own.settings.als_weighting,
            confidence=self._own.settings.als_confidence,
            regularization=self._own.settings.als_regularization,
            seed=self._own.settings.seed,
            threads=self._own.settings.threads_count,
        )
        return RecommenderSettings(als=als, encoder=self._own.encoder_version)

    def steps(self) -> list[Step]:
        """Return the flow's steps, in order."""
        from timbral.flow import Step

        runs = {
            "raw": self._run_raw,
            "core": self._run_core,
            "tags": self._run_tags,
            "features": self._run_features,
            "embeddings": self._run_embeddings,
            "mood": self._run_mood,
            "vectors": self._run_vectors,
            "recommender": self._run_recommender,
        }
        return [Step(stage, run) for stage, run in runs.items()]

    def _run_raw(self, pins: Pins, progress: Any) -> Any:
        from timbral.raw.run import run

        return run(self._own.tables, pins, progress)

    def _run_core(self, pins: Pins, progress: Any) -> Any:
        from timbral.core.run import run

        return run(self._own.tables, pins, progress)

    def _run_tags(self, pins: Pins, progress: Any) -> Any:
        from timbral.tags.run import run

        return run(self._own.tables, pins, progress)

    def _run_features(self, pins: Pins, progress: Any) -> Any:
        from timbral.features.run import run

        return run(self._own.tables, pins, progress)

    def _run_embeddings(self, pins: Pins, progress: Any) -> Any:
        from timbral.embeddings.run import run

        return run(self._own.tables, pins, progress, encoder=self._own.encoder)

    def _run_mood(self, pins: Pins, progress: Any) -> Any:
        from timbral.mood.artifact import PREFIX
        from timbral.mood.predictor import MoodPredictor
        from timbral.mood.run import run
        from timbral.mood.train import train_if_needed
        from timbral.mood.training.settings import TrainingSettings

        artifacts = self._own.artifacts(PREFIX)
        settings = TrainingSettings(
            train_on_provider_content=self._own.settings.train_on_provider_content,
            workers_count=self._own.settings.threads_count,
        )
        version = train_if_needed(
            self._own.tables,
            pins,
            artifacts,
            progress,
            encoder=self._own.encoder,
            settings=settings,
            checkpoint=self._own.checkpoint("mood"),
        )
        predictor = MoodPredictor(artifacts.folder(version), version)
        return run(self._own.tables, pins, progress, predictor, encoder=self._own.encoder.fingerprint)

    def _run_vectors(self, pins: Pins, progress: Any) -> Any:
        from timbral.embeddings.artifact import load_manifest
        from timbral.vectors.fit import PREFIX, fit_if_needed
        from timbral.vectors.run import run

        artifacts = self._own.artifacts(PREFIX)
        # What the encoder is stands in its manifest: loading its graph would take a second.
        manifest = load_manifest(self._own.artifacts(ENCODER_PREFIX).folder(self._own.encoder_version))
        encoder = manifest.fingerprint
        version = fit_if_needed(
            self._own.tables,
            pins,
            artifacts,
            encoder=encoder,
            dimension=manifest.dimension,
            with_audio=self._own.settings.train_on_provider_content,
        )
        return run(
            self._own.tables,
            pins,
            progress,
            folder=artifacts.folder(version),
            version=version,
            encoder=encoder,
        )

    def _run_recommender(self, pins: Pins, progress: Any) -> Any:
        from timbral.recommender.run import run

        return run(self._own.tables, self._own.releases, pins, progress, **self._given())

    def make_release(self, pins: Pins, progress: Any) -> StageResult:
        """Make a release of a run's snapshots; what is served stays as it is."""
        from timbral.recommender.run import make_release

        return make_release(self._own.tables, self._own.releases, pins, progress, **self._given())

    def _given(self) -> dict[str, Any]:
        return {
            "settings": self.recommender_settings(),
            "now_uts": int(time.time()),
            "checkpoint": self._own.checkpoint("recommender"),
        }
