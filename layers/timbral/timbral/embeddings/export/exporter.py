"""From a sentence-transformers folder to the artifact of an encoder or a cross-encoder."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any, Final

from timbral.embeddings.artifact import (
    MANIFEST_FILE,
    MODEL_FILE,
    TOKENIZER_FILE,
    CrossEncoderManifest,
    EncoderFiles,
    EncoderManifest,
    Precision,
    sha256_of,
    write_manifest,
)
from timbral.embeddings.export.default_source import DEFAULT_LICENCE, DEFAULT_NAME, DEFAULT_WEIGHTS_SHA256
from timbral.embeddings.export.source import WEIGHTS_FILE, read_source
from timbral.errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

SIDES_COUNT: Final = 2
"""Query and text."""
_LICENCE_LINE = re.compile(r"^license:\s*(\S+)\s*$", re.MULTILINE)


def export_encoder(
    source: Path, destination: Path, *, name: str | None = None, precision: Precision = "fp32"
) -> EncoderManifest:
    """Make an encoder artifact; the same source gives the same bytes.

    Args:
        source: A sentence-transformers folder of a BERT or an MPNet.
        destination: Where the artifact goes; made if it isn't there, files of an earlier one replaced.
        name: What to call it; otherwise the published name of known weights, else the source folder's name.
        precision: ``fp32`` is the source to 1e-5; ``int8`` is a quarter of the size, two to three times as
            fast, and other vectors (cosine about 0.98), so both sides of a comparison must use it.

    Returns:
        The manifest that was written last.

    Raises:
        InvalidInput: The source can't be exported; the message names the file, field or weight.
    """
    from timbral.embeddings.export.transformer import build_model  # noqa: PLC0415  onnx: only an export needs it

    content = read_source(source)
    _check_vocabulary(source, content.config.vocab_size)
    weights_sha256 = sha256_of(source / WEIGHTS_FILE)
    model = build_model(content, content.config.model_type)
    files = _write_files(source, destination, model, precision)
    manifest = EncoderManifest(
        name=name or _published_name(weights_sha256) or source.resolve().name,
        dimension=content.config.hidden_size,
        max_tokens=content.max_tokens,
        precision=precision,
        source=f"{content.config.model_type} weights sha256:{weights_sha256}",
        licence=_licence(source, weights_sha256),
        files=files,
    )
    write_manifest(destination, manifest)
    return manifest


def export_cross_encoder(
    source: Path, destination: Path, *, name: str | None = None, precision: Precision = "fp32"
) -> CrossEncoderManifest:
    """Make a cross-encoder artifact; the same source gives the same bytes.

    Args:
        source: A folder of a BERT for sequence classification with one score, as sentence-transformers'
            ``CrossEncoder`` saves it: ``config.json``, ``model.safetensors``, ``tokenizer.json``.
        destination: Where the artifact goes; made if it isn't there, files of an earlier one replaced.
        name: What to call it; the source folder's name if None.
        precision: As for `export_encoder`.

    Returns:
        The manifest that was written last.

    Raises:
        InvalidInput: The source can't be exported; the message names the file, field or weight.
    """
    from timbral.embeddings.export.transformer import build_cross_model  # noqa: PLC0415  onnx: as above

    content = read_source(source)
    if content.config.model_type != "bert" or content.config.type_vocab_size < SIDES_COUNT:
        msg = "config.json must be of a 'bert' with two token types: a cross-encoder tells query from text"
        raise InvalidInput(msg)
    _check_vocabulary(source, content.config.vocab_size)
    weights_sha256 = sha256_of(source / WEIGHTS_FILE)
    model = build_cross_model(content, "cross-encoder")
    files = _write_files(source, destination, model, precision)
    manifest = CrossEncoderManifest(
        name=name or source.resolve().name,
        max_tokens=content.max_tokens,
        precision=precision,
        source=f"{content.config.model_type} weights sha256:{weights_sha256}",
        licence=_licence(source, weights_sha256),
        files=files,
    )
    write_manifest(destination, manifest)
    return manifest


def _write_files(source: Path, destination: Path, model: Any, precision: Precision) -> EncoderFiles:
    destination.mkdir(parents=True, exist_ok=True)
    (destination / MANIFEST_FILE).unlink(missing_ok=True)  # no artifact until the new files are whole
    _write_model(model, destination / MODEL_FILE, precision)
    shutil.copyfile(source / TOKENIZER_FILE, destination / TOKENIZER_FILE)
    return EncoderFiles(
        model=sha256_of(destination / MODEL_FILE), tokenizer=sha256_of(destination / TOKENIZER_FILE)
    )


def _check_vocabulary(source: Path, rows_count: int) -> None:
    from tokenizers import Tokenizer  # noqa: PLC0415  loaded only when used

    try:
        tokenizer = Tokenizer.from_file(str(source / TOKENIZER_FILE))
    except Exception as error:
        msg = f"{TOKENIZER_FILE} in {str(source)!r} can't be read: {error}"
        raise InvalidInput(msg) from error
    highest = max(tokenizer.get_vocab().values(), default=-1)
    if highest >= rows_count:
        msg = f"{TOKENIZER_FILE} has a word piece numbered {highest}, config.json allows {rows_count - 1}"
        raise InvalidInput(msg)


def _write_model(model: Any, path: Path, precision: Precision) -> None:
    if precision == "fp32":
        path.write_bytes(model.SerializeToString(deterministic=True))
        return
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415  only an int8 export needs it

    # per channel: with one scale for a whole weight the vectors fall to cosine 0.77 of the exact ones
    quantize_dynamic(model, path, per_channel=True, weight_type=QuantType.QInt8)


def _published_name(weights_sha256: str) -> str | None:
    return DEFAULT_NAME if weights_sha256 == DEFAULT_WEIGHTS_SHA256 else None


def _licence(source: Path, weights_sha256: str) -> str:
    if weights_sha256 == DEFAULT_WEIGHTS_SHA256:
        return DEFAULT_LICENCE
    card = source / "README.md"
    found = _LICENCE_LINE.search(card.read_text(encoding="utf-8")) if card.is_file() else None
    return found.group(1) if found else "unknown"
