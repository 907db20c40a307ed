"""What may be set about training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from timbral.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How a mood model is made.

    Attributes:
        train_on_provider_content: Whether columns whose provider forbids training on them may be used:
            Spotify's energy and valence as labels and, with ``audio_inputs``, its other features as inputs.
        audio_inputs: Whether audio features are looked at; such a model is labelled as audio-assisted.
        folds_count: Folds of artists.
        most_tags: Size of the tags' vocabulary.
        most_genres: Size of the genres'.
        most_words: Size of the titles'.
        most_voted: Most tracks that are learned from by their tags' votes.
        trees: ``tuned``, or ``specified``: 800 rounds, depth 10, at XGBoost's and LightGBM's own rates.
        workers_count: Models at work at once, one core each; changes nothing in the result.

    Raises:
        InvalidInput: Audio inputs are asked for without leave to train on providers' content.
    """

    train_on_provider_content: bool = False
    audio_inputs: bool = False
    folds_count: int = 5
    most_tags: int = 20_000
    most_genres: int = 1_000
    most_words: int = 2_000
    most_voted: int = 30_000
    trees: Literal["tuned", "specified"] = "tuned"
    workers_count: int = 1

    def __post_init__(self) -> None:
        if self.audio_inputs and not self.train_on_provider_content:
            msg = "audio_inputs is true, but is only allowed with train_on_provider_content"
            raise InvalidInput(msg, "audio_inputs")
