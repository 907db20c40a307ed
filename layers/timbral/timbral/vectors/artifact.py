"""The projection as a folder of plain files.

manifest.json                      what it was fitted on
centre.npy, components.npy         the principal components
<block>_mean.npy, <block>_spread.npy   each block's scale
"""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  pydantic reads annotations of this module at run time
from typing import Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from timbral.digests import digest_file
from timbral.errors import ContractBroken
from timbral.vectors.blocks import WEIGHTS, Scale
from timbral.vectors.projection import Projection

MANIFEST_FILE: Final = "manifest.json"
_ARRAYS: Final = (
    "centre.npy",
    "components.npy",
    *(f"{name}_{part}.npy" for name in WEIGHTS for part in ("mean", "spread")),
)


class ProjectionManifest(BaseModel):
    """What a projection was fitted on.

    Attributes:
        format: Version of this layout.
        encoder: Fingerprint of the encoder of its text embeddings.
        with_audio: Whether audio features are looked at.
        tracks_count: Tracks in the catalogue then.
        lengths: Typical length of a row, by block.
        weights: What a block counts.
        files: Digest of each array.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    encoder: str
    with_audio: bool
    tracks_count: int = Field(ge=0)
    lengths: dict[str, float]
    weights: dict[str, float]
    files: dict[str, str]


def save_projection(folder: Path, projection: Projection, *, encoder: str, with_audio: bool) -> None:
    """Write a projection, the same bytes for the same one."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {"centre.npy": projection.centre, "components.npy": projection.components}
    for name, scale in projection.scales.items():
        arrays |= {f"{name}_mean.npy": scale.mean, f"{name}_spread.npy": scale.spread}
    for name, array in arrays.items():
        np.save(folder / name, np.ascontiguousarray(array), allow_pickle=False)
    manifest = ProjectionManifest(
        encoder=encoder,
        with_audio=with_audio,
        tracks_count=projection.tracks_count,
        lengths={name: scale.length for name, scale in projection.scales.items()},
        weights={name: scale.weight for name, scale in projection.scales.items()},
        files={name: digest_file(folder / name) for name in sorted(arrays)},
    )
    (folder / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")


def load_manifest(folder: Path) -> ProjectionManifest:
    """Read what a projection was fitted on.

    Raises:
        ContractBroken: The manifest is missing or breaks its declaration.
    """
    try:
        return ProjectionManifest.model_validate_json((folder / MANIFEST_FILE).read_bytes())
    except (OSError, ValidationError) as error:
        msg = f"{MANIFEST_FILE} of the projection in {str(folder)!r} can't be read: {error}"
        raise ContractBroken(msg) from error


def load_projection(folder: Path) -> Projection:
    """Read a projection.

    Raises:
        ContractBroken: A file is missing or has other bytes than its manifest promises.
    """
    manifest = load_manifest(folder)
    arrays = {name: _load_array(folder, name, manifest) for name in _ARRAYS}
    scales = {
        name: Scale(
            arrays[f"{name}_mean.npy"],
            arrays[f"{name}_spread.npy"],
            manifest.lengths[name],
            manifest.weights[name],
        )
        for name in WEIGHTS
    }
    return Projection(scales, arrays["centre.npy"], arrays["components.npy"], manifest.tracks_count)


def _load_array(folder: Path, name: str, manifest: ProjectionManifest) -> np.ndarray:
    path = folder / name
    actual = digest_file(path) if path.is_file() else "none, the file is missing"
    promised = manifest.files.get(name)
    if actual != promised:
        msg = f"{name} of the projection has digest {actual}, the manifest promises {promised}"
        raise ContractBroken(msg)
    array: np.ndarray = np.load(path, allow_pickle=False)
    return array
