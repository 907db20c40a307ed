"""The mood model as a folder of files, none of them a pickle.

manifest.json            what it is, what it learned from, and the digest of every file it serves with
<target>.onnx            one a target: energy, valence and the six moods
vectoriser.json          the vocabulary
opinions.npy             weights of the linear opinions
kernel.npy               landmarks, and what likeness to each adds
blend.json               what each of the three kinds of model counts, a target
topics.npy               the projection of tags and genres to topics
priors.json              means a genre
thresholds.json          the probability from which on a mood holds
metrics.json             how well it does, beside its baselines
native/, requirements.txt   the models as their own libraries keep them, for retraining
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from timbral.digests import digest_file
from timbral.errors import ContractBroken
from timbral.mood.targets import TARGETS

FORMAT: Final = 4
"""Version of this layout: raised whenever a model that was made before can't be served any more."""
PREFIX: Final = f"mood/model/format-{FORMAT}"
"""Where the store keeps mood models of this layout. Those of another lie elsewhere: whoever looks for a model
that it could read finds none, and has one made."""

MANIFEST_FILE: Final = "manifest.json"
VECTORISER_FILE: Final = "vectoriser.json"
OPINIONS_FILE: Final = "opinions.npy"
KERNEL_FILE: Final = "kernel.npy"
BLEND_FILE: Final = "blend.json"
TOPICS_FILE: Final = "topics.npy"
PRIORS_FILE: Final = "priors.json"
THRESHOLDS_FILE: Final = "thresholds.json"
METRICS_FILE: Final = "metrics.json"
SERVED_FILES: Final = (
    *(f"{target}.onnx" for target in TARGETS),
    VECTORISER_FILE,
    OPINIONS_FILE,
    KERNEL_FILE,
    BLEND_FILE,
    TOPICS_FILE,
    PRIORS_FILE,
    THRESHOLDS_FILE,
)


class MoodManifest(BaseModel):
    """What a mood model is.

    Attributes:
        format: Version of this layout.
        encoder: Fingerprint of the encoder whose text embeddings it looks at; empty if it looks at none.
        text_dimension: Their length; 0 if it looks at none.
        inputs: The kinds of input, ``audio`` among them only where a provider's terms allow it.
        labels: Digest of the labels that it learned from.
        examples_counts: How many rows it learned from, by origin.
        tag_shares: The catalogue's tag distribution when it learned, as `timbral.mood.drift` keeps it.
        files: Digest of each of `SERVED_FILES`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[4] = 4
    encoder: str
    text_dimension: int = Field(ge=0, le=65_536)
    inputs: tuple[str, ...]
    labels: str
    examples_counts: dict[str, int]
    tag_shares: dict[str, float]
    files: dict[str, str]


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file, the same bytes for the same value."""
    path.write_bytes(orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n")


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        ContractBroken: It is missing or no JSON.
    """
    try:
        return orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        msg = f"{path.name} of the mood model in {str(path.parent)!r} can't be read: {error}"
        raise ContractBroken(msg) from error


def digest_served(folder: Path) -> dict[str, str]:
    """Return the digest of every file that the model serves with.

    Raises:
        ContractBroken: One is missing.
    """
    try:
        return {name: digest_file(folder / name) for name in SERVED_FILES}
    except OSError as error:
        msg = f"the mood model in {str(folder)!r} has no readable {Path(str(error.filename)).name}"
        raise ContractBroken(msg) from error


def load_manifest(folder: Path) -> MoodManifest:
    """Read a model's manifest and hold its files against it.

    Raises:
        ContractBroken: A file is missing or has other bytes, or the manifest breaks its declaration.
    """
    try:
        manifest = MoodManifest.model_validate(read_json(folder / MANIFEST_FILE))
    except ValidationError as error:
        fault = error.errors()[0]
        msg = f"{MANIFEST_FILE} of the mood model, {'.'.join(map(str, fault['loc']))}: {fault['msg']}"
        raise ContractBroken(msg) from error
    for name, actual in digest_served(folder).items():
        if manifest.files.get(name) != actual:
            promised = manifest.files.get(name, "none")
            msg = f"{name} of the mood model has digest {actual}, the manifest promises {promised}"
            raise ContractBroken(msg)
    return manifest
