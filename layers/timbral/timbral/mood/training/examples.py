"""What a mood model learns from: tracks with labels."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from timbral.digests import digest_json
from timbral.errors import InvalidInput
from timbral.mood.targets import REGRESSIONS, TARGETS
from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from timbral.mood.inputs import MoodInput
    from timbral.mood.sparse import Floats, Wholes

Origin = Literal["judged", "sample", "provider", "artist_mean", "voted"]
LEAST_LABELS = 20
"""Fewest labels of a regression, and fewest tracks with and without a mood, that are learned from."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled track.

    Attributes:
        track_id: The track.
        artist_id: The artist; all of an artist's tracks lie on the same side of a fold.
        track: The inputs.
        labels: ``{target: label}`` 0..1; targets without a label are left out.
        origin: Who labelled it: judges, judges of the sample catalogue, a provider's audio analysis, the
            same averaged over an artist (then the row stands for the artist), or the tags' own votes.
        vector: ``(dimension,)`` text embedding, or None.
    """

    track_id: str
    artist_id: str
    track: MoodInput
    labels: Mapping[str, float]
    origin: Origin
    vector: Floats | None = None


@dataclass(frozen=True)
class Examples:
    """Labelled tracks, a row each.

    Attributes:
        rows: The examples, in order of track and origin.
        text: ``(n, dimension)`` text embeddings, zeros where there is none.
        labels: ``(n, 8)`` in the order of `TARGETS`, NaN where there is no label; moods are 0 or 1.
    """

    rows: tuple[Example, ...]
    text: Floats
    labels: Floats

    @property
    def artist_ids(self) -> list[str]:
        """Each row's artist."""
        return [row.artist_id for row in self.rows]

    @property
    def tracks(self) -> list[MoodInput]:
        """Each row's inputs."""
        return [row.track for row in self.rows]

    def counts(self) -> dict[str, int]:
        """Count the rows by origin."""
        return dict(sorted(Counter(row.origin for row in self.rows).items()))

    def labels_digest(self) -> str:
        """Digest who was labelled how, whatever the inputs are."""
        return digest_json([[row.track_id, row.origin, sorted(row.labels.items())] for row in self.rows])

    def take(self, places: Wholes) -> Examples:
        """Return some of the rows."""
        return Examples(tuple(self.rows[place] for place in places), self.text[places], self.labels[places])


def stack(rows: Sequence[Example], dimension: int, targets: Sequence[str] = TARGETS) -> Examples:
    """Put examples side by side.

    Args:
        rows: Examples in any order.
        dimension: Length of the text embeddings; 0 if none are looked at.
        targets: What must be learned; labels of other targets are left out.

    Raises:
        InvalidInput: There are too few labels of a target to learn from.
    """
    ordered = tuple(sorted(rows, key=lambda row: (row.track_id, row.origin)))
    text = np.zeros((len(ordered), dimension), dtype=np.float32)
    labels = np.full((len(ordered), len(TARGETS)), np.nan, dtype=np.float32)
    for place, row in enumerate(ordered):
        if row.vector is not None and dimension:
            text[place] = row.vector
        for column, target in enumerate(TARGETS):
            if target in row.labels and target in targets:
                labels[place, column] = row.labels[target]
    _check_counts(labels, targets)
    return Examples(ordered, text, labels)


def count_labels(target: str, labels: Floats) -> int:
    """Count the labels of a regression, or of a mood the tracks on the side that has fewer.

    Args:
        target: What is predicted.
        labels: ``(n,)`` NaN where unknown.
    """
    if target in REGRESSIONS:
        return int((~np.isnan(labels)).sum())
    return int(min((labels == 0).sum(), (labels == 1).sum()))


def _check_counts(labels: Floats, targets: Sequence[str]) -> None:
    for column, target in enumerate(TARGETS):
        fewest = count_labels(target, labels[:, column])
        if target in targets and fewest < LEAST_LABELS:
            kind = "labels" if target in REGRESSIONS else "tracks on one side"
            msg = f"a mood model needs at least {LEAST_LABELS} of each; {target!r} has {fewest} {kind}"
            raise InvalidInput(msg, target)


def as_moods(labels: Mapping[str, float | None]) -> dict[str, float]:
    """Turn judged shares into labels: energy and valence as they are, moods 1 from one half on, else 0."""
    kept = {target: labels.get(target) for target in TARGETS}
    return {
        target: float(value >= 0.5) if target in MOODS else float(value)  # noqa: PLR2004  half of the judges
        for target, value in kept.items()
        if value is not None
    }
