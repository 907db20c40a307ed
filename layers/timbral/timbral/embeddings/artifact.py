"""A text model as an artifact: a folder that says what it is and proves that nothing in it changed.

    model.onnx       an encoder's: word pieces in, one normalised vector a text out; pooling and norm inside.
                     A cross-encoder's: word pieces of query and text in, how well they fit out
    tokenizer.json   text to word pieces
    manifest.json    what it is, and the SHA-256 of the other two

The manifest is written last, so a folder that has one is whole.
"""

from __future__ import annotations

import hashlib
from pathlib import Path  # noqa: TC003  pydantic reads annotations of this module at run time
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from timbral.digests import digest_json
from timbral.errors import ContractBroken

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
MANIFEST_FILE = "manifest.json"

Precision = Literal["fp32", "int8"]
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class EncoderFiles(BaseModel):
    """SHA-256 of each file beside the manifest, 64 hex characters.

    Attributes:
        model: Of ``model.onnx``.
        tokenizer: Of ``tokenizer.json``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    model: _Sha256 = Field(alias=MODEL_FILE)
    tokenizer: _Sha256 = Field(alias=TOKENIZER_FILE)


class EncoderManifest(BaseModel):
    """What an encoder is.

    Attributes:
        format: Version of this layout.
        name: What people call the encoder.
        dimension: Length of a vector.
        max_tokens: Word pieces that are read of one text, the two special ones included; the rest is cut off.
        precision: Of the weights and of the products with them.
        source: The architecture and the SHA-256 of the weights that it was made from.
        licence: SPDX identifier of the weights' licence, or ``unknown``.
        files: SHA-256 of the files.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    name: str = Field(min_length=1, max_length=100)
    dimension: int = Field(ge=1, le=65_536)
    max_tokens: int = Field(ge=3, le=65_536)
    precision: Precision
    source: str
    licence: str
    files: EncoderFiles

    @property
    def fingerprint(self) -> str:
        """Digest of all that decides a vector, 32 hex characters; a new name alone leaves it as it is."""
        return digest_json([self.files.model, self.files.tokenizer, self.max_tokens, self.dimension])


class CrossEncoderManifest(BaseModel):
    """What a cross-encoder is.

    Attributes:
        format: Version of this layout.
        kind: Tells it from an encoder.
        name: What people call it.
        max_tokens: Word pieces that are read of query and text together, the three special ones included.
        precision: Of the weights and of the products with them.
        source: The architecture and the SHA-256 of the weights that it was made from.
        licence: SPDX identifier of the weights' licence, or ``unknown``.
        files: SHA-256 of the files.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    kind: Literal["cross-encoder"] = "cross-encoder"
    name: str = Field(min_length=1, max_length=100)
    max_tokens: int = Field(ge=5, le=65_536)
    precision: Precision
    source: str
    licence: str
    files: EncoderFiles

    @property
    def fingerprint(self) -> str:
        """Digest of all that decides a score, 32 hex characters; a new name alone leaves it as it is."""
        return digest_json([self.files.model, self.files.tokenizer, self.max_tokens])


AnyManifest = TypeVar("AnyManifest", EncoderManifest, CrossEncoderManifest)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, 64 hex characters.

    Raises:
        OSError: The file can't be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def describe_faults(error: ValidationError) -> str:
    """Say in one line which fields are wrong and why."""
    faults = [
        f"{'.'.join(map(str, fault['loc'])) or 'the whole'}: {fault['msg']}" for fault in error.errors()
    ]
    return "; ".join(faults)


def write_manifest(folder: Path, manifest: EncoderManifest | CrossEncoderManifest) -> None:
    """Finish an artifact by writing its manifest, the same bytes for the same manifest."""
    text = manifest.model_dump_json(by_alias=True, indent=2)
    (folder / MANIFEST_FILE).write_text(text + "\n", encoding="utf-8")


def load_manifest(folder: Path) -> EncoderManifest:
    """Read an encoder's manifest and hold its files against it.

    Args:
        folder: The artifact.

    Returns:
        The manifest; both files are there and have the bytes that it promises.

    Raises:
        ContractBroken: A file is missing or has other bytes, or the manifest lacks a key, has one too many
            or a value that isn't allowed.
    """
    return _held(folder, EncoderManifest, "encoder")


def load_cross_manifest(folder: Path) -> CrossEncoderManifest:
    """Read a cross-encoder's manifest and hold its files against it, as `load_manifest` does."""
    return _held(folder, CrossEncoderManifest, "cross-encoder")


def _held(folder: Path, kind: type[AnyManifest], called: str) -> AnyManifest:
    manifest = _read_manifest(folder, kind, called)
    for name, expected in manifest.files.model_dump(by_alias=True).items():
        actual = _sha256_or_missing(folder, name, called)
        if actual != expected:
            msg = (
                f"{name} of {called} {manifest.name!r} has sha256 {actual}, the manifest promises {expected}"
            )
            raise ContractBroken(msg)
    return manifest


def _read_manifest(folder: Path, kind: type[AnyManifest], called: str) -> AnyManifest:
    try:
        return kind.model_validate_json((folder / MANIFEST_FILE).read_bytes())
    except OSError as error:
        msg = f"{called} folder {str(folder)!r} has no readable {MANIFEST_FILE}"
        raise ContractBroken(msg) from error
    except ValidationError as error:
        msg = f"{MANIFEST_FILE} in {str(folder)!r} breaks its declaration: {describe_faults(error)}"
        raise ContractBroken(msg) from error


def _sha256_or_missing(folder: Path, name: str, called: str) -> str:
    try:
        return sha256_of(folder / name)
    except OSError as error:
        msg = f"{called} folder {str(folder)!r} has no readable {name}"
        raise ContractBroken(msg) from error
