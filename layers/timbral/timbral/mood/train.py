"""When to make a mood model, and making it."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from timbral.digests import digest_json
from timbral.errors import ContractBroken
from timbral.mood.artifact import MoodManifest, load_manifest
from timbral.mood.drift import MOST_DRIFT, read_tag_shares, total_variation
from timbral.mood.training.examples import stack
from timbral.mood.training.gather import READS, store_examples
from timbral.mood.training.model import train_model
from timbral.mood.training.sample import sample_examples
from timbral.mood.training.settings import TrainingSettings
from timbral.stage import fingerprint
from timbral.store.checkpoints import NotKept

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from timbral.embeddings.encoder import Encoder
    from timbral.mood.training.examples import Example, Examples
    from timbral.progress import Progress
    from timbral.stage import Pins
    from timbral.store.artifacts import Artifacts
    from timbral.store.checkpoints import Checkpoint
    from timbral.store.snapshots import Snapshot
    from timbral.store.tables import Tables

CODE_VERSION = 5
"""Raised by hand when the way a model is made changes: the next run then makes a new one."""

_DECISIONS = "mood/decisions"


def reason_to_train(
    current: MoodManifest | None, *, labels: str, encoder: str, tag_shares: Mapping[str, float]
) -> str | None:
    """Decide whether a model must be made.

    Args:
        current: The model in use, if there is one that this version can read.
        labels: Digest of the labels that there are now.
        encoder: Fingerprint of the encoder in use; empty if no text is looked at.
        tag_shares: The catalogue's tag distribution now.

    Returns:
        Why, or None if the model in use will do: it learned from these labels and this encoder, and the
        total variation distance of the tags is at most `MOST_DRIFT`.
    """
    if current is None:
        return "there is no model that can be read"
    if current.encoder != encoder:
        return "the encoder changed"
    if current.labels != labels:
        return "the labels changed"
    drift = total_variation(current.tag_shares, tag_shares)
    if drift > MOST_DRIFT:
        return f"the tags drifted by {drift:.3f}"
    return None


def train_if_needed(
    tables: Tables,
    pins: Pins,
    artifacts: Artifacts,
    progress: Progress,
    *,
    encoder: Encoder | None = None,
    settings: TrainingSettings | None = None,
    published: Sequence[Example] = (),
    force: bool = False,
    checkpoint: Checkpoint | None = None,
) -> str:
    """Make and publish a mood model if one is needed.

    What was decided is kept under a digest of all that it was decided from, so that an unchanged store
    isn't read again.

    Args:
        tables: The store.
        pins: Snapshots of `READS`.
        artifacts: The mood models.
        progress: Told of every finished part model.
        encoder: The encoder of the store's text embeddings; None to look at no text.
        settings: How to train.
        published: Labelled tracks from files, beside the store's own (`timbral.mood.training.sources`);
            where both know a track the store's label counts.
        force: Whether to make a model in any case.
        checkpoint: Keeps how far the stage's works have come.

    Returns:
        The version in use from now on.
    """
    settings = settings or TrainingSettings()
    own_encoder = encoder.fingerprint if encoder else ""
    said = {"settings": _said(settings), "published": _digest_of(published)}
    inputs = fingerprint(CODE_VERSION, pins, READS, encoder=own_encoder, **said)
    decision = f"{_DECISIONS}/{inputs}.json"
    decided = tables.objects.get_tagged(decision)
    current = artifacts.current()
    if current and decided and not force and orjson.loads(decided[0])["version"] == current:
        return current
    examples = _examples(tables, pins, settings, encoder, published)
    tag_shares = read_tag_shares(tables, pins)
    manifest = _readable(artifacts.folder(current)) if current else None
    labels = labels_digest(examples, settings)
    reason = reason_to_train(manifest, labels=labels, encoder=own_encoder, tag_shares=tag_shares)
    if force or reason or current is None:
        kept = (checkpoint or NotKept()).part(inputs)
        make = partial(
            train_model,
            examples,
            settings,
            progress,
            encoder=own_encoder,
            labels=labels,
            tag_shares=tag_shares,
            checkpoint=kept.part("folds"),
        )
        current = _publish(tables, artifacts, make)
        kept.clear()
    tables.objects.put(decision, orjson.dumps({"version": current, "reason": reason or "asked for"}))
    return current


def _readable(folder: Path) -> MoodManifest | None:
    """Read the manifest of the model in use; one of another layout or with broken files is made anew."""
    try:
        return load_manifest(folder)
    except ContractBroken:
        return None


def pin_heads(tables: Tables) -> dict[str, Snapshot]:
    """Pin what training reads as it is now.

    Raises:
        NotFound: A table was never published: the stages before this one have not run.
    """
    return {table.name: tables.pin(table) for table in READS}


def _said(settings: TrainingSettings) -> dict[str, Any]:
    """Return the settings that change the model."""
    return {name: getattr(settings, name) for name in settings.__slots__ if name != "workers_count"}


def labels_digest(examples: Examples, settings: TrainingSettings) -> str:
    """Digest the labels and how they would be learned from."""
    return digest_json([CODE_VERSION, _said(settings), examples.labels_digest()])


def _digest_of(published: Sequence[Example]) -> str:
    rows = sorted((row.track_id, row.origin, sorted(row.labels.items())) for row in published)
    return digest_json(rows) if rows else ""


def _examples(
    tables: Tables,
    pins: Pins,
    settings: TrainingSettings,
    encoder: Encoder | None,
    published: Sequence[Example],
) -> Examples:
    dimension = encoder.dimension if encoder else 0
    rows = store_examples(tables, pins, settings, dimension)
    known = {row.track_id for row in rows}
    # A store knows no listening factors, so a model that serves it must not lean on them.
    rows += [
        replace(row, track=replace(row.track, listening=())) for row in published if row.track_id not in known
    ]
    judged = {row.track_id for row in rows if row.origin == "judged"}
    return stack([*rows, *sample_examples(encoder, judged)], dimension)


def _publish(tables: Tables, artifacts: Artifacts, make: Callable[[Path], object]) -> str:
    """Let a model be made in a folder of its own, then store it."""
    tables.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=tables.scratch) as scratch:
        folder = Path(scratch) / "model"
        make(folder)
        return artifacts.publish(folder)
