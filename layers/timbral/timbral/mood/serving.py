"""The mood model that is in use, for whoever asks one request at a time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from timbral.errors import NotFound
from timbral.mood.predictor import MoodPredictor
from timbral.mood.tracks import predict_tracks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from timbral.mood.tracks import KnownTrack, TextEncoder, TrackMood
    from timbral.store.artifacts import Artifacts


class MoodService:
    """Predicts moods with the model in use; a new one is taken up at the next request.

    Args:
        artifacts: The mood models.
        encoder: Returns the encoder, for a model that reads text.
    """

    def __init__(self, artifacts: Artifacts, encoder: Callable[[], TextEncoder]) -> None:
        self._artifacts = artifacts
        self._encoder = encoder
        self._loading = threading.Lock()
        self._predictor: MoodPredictor | None = None

    def predict(self, tracks: Sequence[KnownTrack]) -> tuple[str, list[TrackMood]]:
        """Predict moods.

        Args:
            tracks: What is known of each.

        Returns:
            The model's version, and a mood a track.

        Raises:
            NotFound: No model has been made yet.
            ContractBroken: The model is not what its manifest promises, or reads text of another encoder.
        """
        predictor = self._current()
        encoder = self._encoder() if predictor.text_dimension else None
        return predictor.version, predict_tracks(predictor, tracks, encoder)

    def _current(self) -> MoodPredictor:
        version = self._artifacts.current()
        if version is None:
            msg = "no mood model that this version can read has been made yet; the nightly run makes one"
            raise NotFound(msg)
        with self._loading:
            if self._predictor is None or self._predictor.version != version:
                self._predictor = MoodPredictor(self._artifacts.folder(version), version)
            return self._predictor
