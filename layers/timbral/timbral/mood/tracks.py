"""Moods of tracks from what anybody knows of them: the one way in, for the API as for the nightly stage."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from timbral.digests import digest_json
from timbral.embeddings.texts import pool_parts, track_texts
from timbral.errors import ContractBroken, InvalidInput
from timbral.mood.inputs import ALBUM_SCORES, HIGHEST_SCORE, read_input
from timbral.mood.targets import AUDIO_INPUTS, REGRESSIONS
from timbral.tables.columns import MOODS
from timbral.tables.columns import YEAR as YEARS
from timbral.tags.normalise import normalise_tag

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from timbral.mood.inputs import MoodInput
    from timbral.mood.predictor import MoodPredictor
    from timbral.mood.sparse import Floats

_LEAST_COUNTS = {"listeners_count": 0, "duration_ms": 1}


class TextEncoder(Protocol):
    """What turns texts into vectors, as `timbral.embeddings.encoder.OnnxEncoder` does."""

    @property
    def fingerprint(self) -> str:
        """Which encoder it is."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return ``(n_texts, dimension)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTrack:
    """What is known of a track; anything may be missing.

    Attributes:
        tags: ``{tag: weight}`` of any scale, at least 0, spelled anyhow.
        genres: The main one first.
        year: Year of release.
        listeners_count: How many play it, the measure of popularity.
        duration_ms: Length.
        title: The track's title.
        artist: The artist's name; read only where nothing else is known to read.
        album: The album's title.
        album_description: What the album is, in prose.
        review_snippets: What reviewers wrote of the album.
        critic_score: Critics' mean of the album, 0 to 100.
        user_score: Users' mean of the album, 0 to 100.
        audio: Values of `AUDIO_INPUTS`, by name; only an audio-assisted model looks at them.

    Raises:
        InvalidInput: A weight is below 0 or no finite number, or a year, count or score is out of bounds.
    """

    tags: Mapping[str, float] = field(default_factory=dict)
    genres: Sequence[str] = ()
    year: int | None = None
    listeners_count: int = 0
    duration_ms: int | None = None
    title: str | None = None
    artist: str | None = None
    album: str | None = None
    album_description: str | None = None
    review_snippets: Sequence[str] = ()
    critic_score: float | None = None
    user_score: float | None = None
    audio: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, weight in self.tags.items():
            if not (math.isfinite(weight) and weight >= 0):
                msg = f"tags: the weight of {name!r} is {weight}; a finite number of at least 0 is allowed"
                raise InvalidInput(msg, "tags")
        if self.year is not None and not (YEARS.minimum or 0) <= self.year <= (YEARS.maximum or 0):
            allowed = f"{YEARS.minimum} to {YEARS.maximum} is allowed"
            msg = f"year is {self.year}; {allowed}"
            raise InvalidInput(msg, "year")
        for name, least in _LEAST_COUNTS.items():
            count = getattr(self, name)
            if count is not None and count < least:
                msg = f"{name} is {count}; at least {least} is allowed"
                raise InvalidInput(msg, name)
        for name in ALBUM_SCORES:
            score = getattr(self, name)
            if score is not None and not 0 <= score <= HIGHEST_SCORE:
                msg = f"{name} is {score}; 0 to {HIGHEST_SCORE:g} is allowed"
                raise InvalidInput(msg, name)

    def tag_shares(self) -> dict[str, float]:
        """Return the tags as the tags stage spells them, and their shares, which sum to 1."""
        weights: dict[str, float] = {}
        for raw, weight in self.tags.items():
            if weight and (tag := normalise_tag(raw)):
                weights[tag] = max(weights.get(tag, 0.0), float(weight))
        total = sum(weights.values())
        return {
            tag: weight / total for tag, weight in sorted(weights.items(), key=lambda it: (-it[1], it[0]))
        }


@dataclass(frozen=True, slots=True)
class TrackMood:
    """How a track feels.

    Attributes:
        energy: 0 to 1.
        valence: 0 to 1.
        shares: ``{mood: probability}`` of the six.
        moods: Those that hold, surest first.
        confidence: ``high``, ``medium`` or ``low``: how much there was to go on.
    """

    energy: float
    valence: float
    shares: dict[str, float]
    moods: list[str]
    confidence: str


def predict_tracks(
    predictor: MoodPredictor, tracks: Sequence[KnownTrack], encoder: TextEncoder | None = None
) -> list[TrackMood]:
    """Predict moods from raw facts, on onnxruntime and numpy alone.

    The nightly stage reads its rows by the same `timbral.mood.inputs.read_input` and predicts by the same
    `predict_inputs`, so that a track of which the same is known gets the same answer from both.

    ::

        predictor = MoodPredictor(services.artifacts(PREFIX).folder(version), version)  # once a process
        moods = predict_tracks(predictor, [KnownTrack(tags={"dream pop": 100}, year=1993)], services.encoder)

    Args:
        predictor: The model in use.
        tracks: What is known of each; none is fine.
        encoder: Embeds tags, descriptions and reviews, if the model looks at text. Without it such a
            model judges by the other facts, as the nightly stage does for a track without an embedding.

    Returns:
        A mood a track, in their order. Of a genre alone its means, of nothing the global ones, both with
        confidence ``low``.

    Raises:
        ContractBroken: The model reads text of another encoder.
    """
    reads_text = encoder is not None and predictor.text_dimension > 0
    if encoder is not None and reads_text and predictor.encoder not in ("", encoder.fingerprint):
        msg = f"the mood model reads text of encoder {predictor.encoder!r}, not of {encoder.fingerprint!r}"
        raise ContractBroken(msg)
    rows = [_view_row(track) for track in tracks]
    text = np.zeros((len(rows), predictor.text_dimension), dtype=np.float32)
    hashes: list[str | None] = [None] * len(rows)
    if encoder is not None and reads_text:
        for place, track in enumerate(tracks):
            hashes[place], text[place] = _embedded(track, encoder, predictor.text_dimension)
    inputs = [
        read_input(row, text_hash, with_audio=predictor.with_audio)
        for row, text_hash in zip(rows, hashes, strict=True)
    ]
    return predict_inputs(predictor, inputs, text)


def predict_inputs(predictor: MoodPredictor, tracks: Sequence[MoodInput], text: Floats) -> list[TrackMood]:
    """Predict moods from inputs that were read already.

    Args:
        predictor: The model in use.
        tracks: The inputs.
        text: ``(n_tracks, text_dimension)`` embeddings, zeros for a track that has none.

    Raises:
        ContractBroken: The embeddings have another shape, or hold what is not a finite number.
    """
    if not tracks:
        return []
    found = predictor.predict(tracks, text)
    return [
        TrackMood(
            energy=float(values[0]),
            valence=float(values[1]),
            shares=dict(zip(MOODS, map(float, values[len(REGRESSIONS) :]), strict=True)),
            moods=moods,
            confidence=confidence,
        )
        for values, moods, confidence in zip(found.values, found.moods, found.confidences, strict=True)
    ]


def _view_row(track: KnownTrack) -> dict[str, object]:
    """Write a track as a row of ``track_feature_view``."""
    shares = track.tag_shares()
    return {
        "track_id": track.title or "of the request",
        "title": track.title,
        "tags": list(shares),
        "tag_shares": list(shares.values()),
        "genres": list(track.genres),
        "year": track.year,
        "duration_ms": track.duration_ms,
        "listeners_count": track.listeners_count,
        "album_description": track.album_description,
        "review_snippets": list(track.review_snippets),
        "album": track.album,
        **{name: getattr(track, name) for name in ALBUM_SCORES},
        **{name: track.audio.get(name) for name in AUDIO_INPUTS},
    }


def _embedded(track: KnownTrack, encoder: TextEncoder, dimension: int) -> tuple[str | None, Floats]:
    """Return the digest of a track's texts and their pooled vector, as the embeddings stage makes them."""
    shares = track.tag_shares()
    parts = track_texts(
        title=track.title,
        artist=track.artist,
        tags=list(shares),
        tag_shares=list(shares.values()),
        genres=track.genres,
        year=track.year,
        album=track.album,
        album_description=track.album_description,
        review_snippets=track.review_snippets,
    )
    if not parts:
        return None, np.zeros(dimension, dtype=np.float32)
    vectors = encoder.encode([part.text for part in parts])
    return digest_json([list(part) for part in parts]), pool_parts([part.kind for part in parts], vectors)
