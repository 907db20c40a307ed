"""Moods from a model folder, on onnxruntime and numpy alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from timbral.digests import digest_file
from timbral.errors import ContractBroken
from timbral.mood.artifact import (
    BLEND_FILE,
    KERNEL_FILE,
    MANIFEST_FILE,
    OPINIONS_FILE,
    PRIORS_FILE,
    THRESHOLDS_FILE,
    TOPICS_FILE,
    VECTORISER_FILE,
    load_manifest,
    read_json,
)
from timbral.mood.blend import load_blend
from timbral.mood.confidence import grade, has_something_to_go_on
from timbral.mood.kernel import kernel_inputs, split_kernel
from timbral.mood.opinions import split_array
from timbral.mood.priors import load_priors
from timbral.mood.targets import REGRESSIONS, TARGETS
from timbral.mood.topics import Topics, tree_inputs
from timbral.mood.vectoriser import load_vectoriser
from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from timbral.mood.inputs import MoodInput
    from timbral.mood.sparse import Floats


@dataclass(frozen=True)
class MoodPredictions:
    """What was predicted, a row a track.

    Attributes:
        values: ``(n_tracks, 8)`` shares in the order of `TARGETS`.
        moods: The moods that hold, surest first.
        confidences: ``high``, ``medium`` or ``low``.
    """

    values: Floats
    moods: list[list[str]]
    confidences: list[str]


class MoodPredictor:
    """A mood model, loaded.

    A track is predicted the same bit for bit whatever tracks are beside it.

    Args:
        folder: The model's folder; its files are held against its manifest.
        version: What to call it; the manifest's digest if not given.

    Raises:
        ContractBroken: The folder is not what its manifest promises.
    """

    def __init__(self, folder: Path, version: str | None = None) -> None:
        self.manifest = load_manifest(folder)
        self.version = version or digest_file(folder / MANIFEST_FILE)
        self._vectoriser = load_vectoriser(read_json(folder / VECTORISER_FILE))
        self._priors = load_priors(read_json(folder / PRIORS_FILE))
        thresholds = read_json(folder / THRESHOLDS_FILE)
        self._thresholds = np.array([thresholds[mood] for mood in MOODS], dtype=np.float32)
        array = np.load(folder / OPINIONS_FILE, allow_pickle=False)
        self._opinions = split_array(array, self._vectoriser.width)
        self._kernel = split_kernel(np.load(folder / KERNEL_FILE, allow_pickle=False))
        self._blend = load_blend(read_json(folder / BLEND_FILE))
        self._topics = Topics(np.load(folder / TOPICS_FILE, allow_pickle=False))
        self._sessions = [_open_session(folder / f"{target}.onnx") for target in TARGETS]

    @property
    def encoder(self) -> str:
        """Fingerprint of the encoder whose text embeddings it looks at; empty if it looks at none."""
        return self.manifest.encoder

    @property
    def text_dimension(self) -> int:
        """Length of the text embeddings that it looks at; 0 if it looks at none."""
        return self.manifest.text_dimension

    @property
    def with_audio(self) -> bool:
        """Whether it looks at audio features."""
        return "audio" in self.manifest.inputs

    def predict(self, tracks: Sequence[MoodInput], text: Floats) -> MoodPredictions:
        """Predict energy, valence and moods.

        Args:
            tracks: The tracks.
            text: ``(n_tracks, text_dimension)`` text embeddings, zeros for a track that has none.

        Returns:
            The predictions. A track with nothing to go on but a genre gets the genre's means, one
            with nothing at all the global ones, both with confidence ``low``.

        Raises:
            ContractBroken: The embeddings have another shape, or hold what is not a finite number.
        """
        if not np.isfinite(text).all():
            msg = "text embeddings hold a value that is not a finite number"
            raise ContractBroken(msg)
        modelled = self.model_values(tracks, text)
        values = modelled.copy()
        confidences = []
        for place, track in enumerate(tracks):
            evidence = self._vectoriser.evidence(track)
            confidences.append(grade(track, evidence))
            if not has_something_to_go_on(track, evidence):
                values[place] = self._priors.of(track.genres)
        return MoodPredictions(values, [self._names(row) for row in values], confidences)

    def model_values(self, tracks: Sequence[MoodInput], text: Floats) -> Floats:
        """Return ``(n_tracks, 8)`` what the models themselves say, however little they have to go on."""
        return self._blend.mix(self.members(tracks, text))

    def members(self, tracks: Sequence[MoodInput], text: Floats) -> Floats:
        """Return ``(n_tracks, 3, 8)`` what each of `timbral.mood.blend.MEMBERS` says."""
        rows = self._vectoriser.transform(tracks)
        opinions = self._opinions.opine(rows, text)
        topics, facts = self._topics.of(rows), self._vectoriser.facts(tracks)
        matrix = tree_inputs(opinions, topics, facts)
        trees = [
            run_session(session, matrix, target)
            for target, session in zip(TARGETS, self._sessions, strict=True)
        ]
        likeness = self._kernel.opine(kernel_inputs(opinions, topics, facts))
        return np.stack([opinions, likeness, np.stack(trees, axis=1)], axis=1)

    def _names(self, row: Floats) -> list[str]:
        moods = row[len(REGRESSIONS) :]
        order = np.argsort(-moods, kind="stable")
        return [MOODS[place] for place in order if moods[place] >= self._thresholds[place]]


def run_session(session: Any, block: Floats, target: str) -> Floats:
    """Run one model.

    Args:
        session: An onnxruntime session.
        block: ``(n_rows, n_columns)`` inputs, zero where unknown.
        target: What it predicts: a regression gives ``(n, 1)``, a mood ``(n, 2)`` probabilities.

    Returns:
        ``(n_rows,)`` predictions.
    """
    output = session.get_outputs()[-1].name
    found = session.run([output], {session.get_inputs()[0].name: block})[0]
    column: Floats = found[:, -1]
    if len(column) != len(block):
        msg = f"the mood model of {target!r} gives {len(column)} predictions for {len(block)} tracks"
        raise ContractBroken(msg)
    return column


def _open_session(path: Path) -> Any:
    import onnxruntime as ort  # noqa: PLC0415  a function pays only for what it uses

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 3
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
