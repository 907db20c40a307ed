"""When to fit the projection, and fitting it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from timbral.tables.features import TRACK_FEATURE_VIEW
from timbral.tables.vectors import TRACK_VECTOR_DIMENSION
from timbral.vectors.artifact import ProjectionManifest, load_manifest, save_projection
from timbral.vectors.blocks import WEIGHTS
from timbral.vectors.projection import fit_projection
from timbral.vectors.reading import read_sample

if TYPE_CHECKING:
    from timbral.stage import Pins
    from timbral.store.artifacts import Artifacts
    from timbral.store.tables import Tables

PREFIX: Final = "vectors/projection"
"""Where the artifacts lie."""
MOST_SAMPLED: Final = 30_000
"""Plenty for a few hundred components, and small in memory."""
GROWTH: Final = 1.5


def reason_to_fit(
    current: ProjectionManifest | None, *, encoder: str, with_audio: bool, tracks_count: int
) -> str | None:
    """Decide whether the projection must be fitted.

    Args:
        current: The projection in use, if there is one.
        encoder: Fingerprint of the encoder in use.
        with_audio: Whether audio features may be looked at.
        tracks_count: Tracks in the catalogue.

    Returns:
        Why, or None if the one in use will do.
    """
    if current is None:
        return "there is no projection"
    if current.encoder != encoder:
        return "the encoder changed"
    if current.with_audio != with_audio:
        return "the policy on audio features changed"
    if current.weights != dict(WEIGHTS):
        return "the blocks' weights changed"
    if tracks_count >= GROWTH * max(current.tracks_count, 1):
        return f"the catalogue grew from {current.tracks_count} to {tracks_count} tracks"
    return None


def fit_if_needed(
    tables: Tables,
    pins: Pins,
    artifacts: Artifacts,
    *,
    encoder: str,
    dimension: int,
    with_audio: bool = False,
    force: bool = False,
) -> str:
    """Fit and publish a projection if one is needed.

    Args:
        tables: The store.
        pins: Snapshots of `timbral.vectors.reading.READS`.
        artifacts: The projections, under `PREFIX`.
        encoder: Fingerprint of the encoder of the store's text embeddings.
        dimension: Their length.
        with_audio: Whether a provider's audio features may be looked at.
        force: Whether to fit in any case.

    Returns:
        The version in use from now on.
    """
    current = artifacts.current()
    manifest = load_manifest(artifacts.folder(current)) if current else None
    tracks_count = pins[TRACK_FEATURE_VIEW.name].rows_count
    reason = reason_to_fit(manifest, encoder=encoder, with_audio=with_audio, tracks_count=tracks_count)
    if current and not reason and not force:
        return current
    sample = read_sample(tables, pins, dimension=dimension, with_audio=with_audio, most_tracks=MOST_SAMPLED)
    projection = fit_projection(sample, TRACK_VECTOR_DIMENSION, tracks_count)
    tables.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=tables.scratch) as scratch:
        folder = Path(scratch) / "projection"
        save_projection(folder, projection, encoder=encoder, with_audio=with_audio)
        return artifacts.publish(folder)
