"""Mood models measured on labelled files; nothing of them is kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from timbral.errors import InvalidInput
from timbral.mood.targets import REGRESSIONS, TARGETS
from timbral.mood.training.evaluation import measure_moods, measure_regression
from timbral.mood.training.examples import LEAST_LABELS, count_labels, stack
from timbral.mood.training.held_out import hold_out_folds, hold_out_part
from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from timbral.mood.training.examples import Example
    from timbral.mood.training.held_out import HeldOut
    from timbral.mood.training.settings import TrainingSettings
    from timbral.mood.training.sources.joining import Labelled
    from timbral.progress import Progress

Protocol = Literal["folds", "split"]


@dataclass(frozen=True)
class Level:
    """What a model may look at.

    Attributes:
        name: ``tags``: tags and facts of the catalogue. ``tags and listening``: also where listeners place
            the artist. ``audio-assisted``: also a provider's analysis of the sound.
        settings: How to learn.
        has_listening: Whether listening factors are looked at.
    """

    name: str
    settings: TrainingSettings
    has_listening: bool


def choose_protocol(labelled: Labelled, wanted: Protocol | None) -> Protocol:
    """Choose a published division where there is one that keeps each artist on one side, else folds.

    Args:
        labelled: What was read.
        wanted: None to choose.

    Raises:
        InvalidInput: A division is wanted and the files have none.
    """
    parts = set(labelled.parts.values())
    has_division = "train" in parts and bool(parts & {"validation", "test"})
    if wanted == "split" and not has_division:
        msg = "protocol 'split' needs files whose names say train and validation or test; 'folds' needs none"
        raise InvalidInput(msg, "protocol")
    return wanted or ("split" if has_division and not _shared_artists(labelled) else "folds")


def _shared_artists(labelled: Labelled) -> bool:
    parts_of: dict[str, set[str]] = defaultdict(set)
    for row in labelled.rows:
        if part := labelled.parts.get(row.track_id):
            parts_of[row.artist_id].add(part)
    return any(len(parts) > 1 for parts in parts_of.values())


def benchmark(
    labelled: Labelled, settings: TrainingSettings, protocol: Protocol, seed: int, progress: Progress
) -> dict[str, Any]:
    """Measure all levels that the files allow.

    Args:
        labelled: What was read, with audio features if audio is to be looked at.
        settings: How to learn; with ``audio_inputs`` the audio-assisted level is measured too.
        protocol: ``folds``: artists dealt into folds. ``split``: a published division.
        seed: Decides the bootstrap's draws.
        progress: Told of every finished tree model.

    Returns:
        ``{protocol, seed, trees, tracks, artists, labels_from, levels: {level: {energy, valence, moods}}}``.

    Raises:
        ContractBroken: A label would leak into the inputs, or an artist lies in both parts.
        InvalidInput: There are too few labels.
    """
    targets = _measurable(labelled.rows)
    levels = list(_levels(labelled.rows, settings))
    fits_count = settings.folds_count + (protocol == "split")
    progress.begin("measure mood models", len(levels) * fits_count * len(TARGETS), "models")
    found = {
        level.name: _measure(_hold_out(labelled, level, protocol, targets, progress), targets, seed)
        for level in levels
    }
    tracks = [row for row in labelled.rows if row.origin != "artist_mean"]
    return {
        "protocol": protocol,
        "seed": seed,
        "trees": settings.trees,
        "tracks": len(tracks),
        "artists": len({row.artist_id for row in tracks}),
        "labels_from": dict(sorted(Counter(row.origin for row in labelled.rows).items())),
        "levels": found,
    }


def _measurable(rows: Sequence[Example]) -> tuple[str, ...]:
    """Return the targets that there are enough labels of; moods all or none."""
    enough = []
    for target in TARGETS:
        labels = np.array([row.labels.get(target, np.nan) for row in rows], dtype=np.float32)
        if count_labels(target, labels) >= LEAST_LABELS:
            enough.append(target)
    if not set(MOODS) <= set(enough):
        enough = [target for target in enough if target in REGRESSIONS]
    if not enough:
        msg = f"a mood model needs at least {LEAST_LABELS} labels of energy, of valence or of each mood"
        raise InvalidInput(msg, "path")
    return tuple(enough)


def _levels(rows: Sequence[Example], settings: TrainingSettings) -> Iterator[Level]:
    plain = replace(settings, audio_inputs=False)
    yield Level("tags", plain, has_listening=False)
    has_listening = any(row.track.listening for row in rows)
    if has_listening:
        yield Level("tags and listening", plain, has_listening=True)
    if settings.audio_inputs and any(row.track.audio for row in rows):
        yield Level("audio-assisted", settings, has_listening=has_listening)


def _hold_out(
    labelled: Labelled, level: Level, protocol: Protocol, targets: Sequence[str], progress: Progress
) -> HeldOut:
    rows = [_limited(row, level) for row in labelled.rows]
    if protocol == "folds":
        return hold_out_folds(stack(rows, 0, targets), level.settings, progress)
    parts = labelled.parts
    last = "validation" if "validation" in parts.values() else "test"
    train = stack([row for row in rows if parts.get(row.track_id) == "train"], 0, targets)
    held_out = stack([row for row in rows if parts.get(row.track_id) == last], 0, targets)
    return hold_out_part(train, held_out, level.settings, progress)


def _limited(row: Example, level: Level) -> Example:
    """Return a row with no more inputs than its level allows."""
    listening = row.track.listening if level.has_listening else ()
    audio = row.track.audio if level.settings.audio_inputs else ()
    return replace(row, track=replace(row.track, listening=listening, audio=audio))


def _measure(held: HeldOut, targets: Sequence[str], seed: int) -> dict[str, Any]:
    found = {target: measure_regression(held, target, seed) for target in targets if target in REGRESSIONS}
    return found | ({"moods": measure_moods(held, seed)} if MOODS[0] in targets else {})
