"""The files of a text model's artifact, opened to be run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from timbral.embeddings.artifact import MODEL_FILE, TOKENIZER_FILE
from timbral.errors import ContractBroken

if TYPE_CHECKING:
    from pathlib import Path


def readable(text: str) -> str:
    """Return a text that a tokenizer takes: it refuses lone surrogates."""
    return text.encode("utf-8", "replace").decode()


def open_tokenizer(folder: Path, max_tokens: int) -> Any:
    """Open an artifact's tokenizer, without padding and cut off at so many word pieces.

    Raises:
        ContractBroken: It can't be opened.
    """
    from tokenizers import Tokenizer  # noqa: PLC0415  a function pays only for what it uses

    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    except Exception as error:  # the library raises Exception itself
        msg = f"{TOKENIZER_FILE} in {str(folder)!r} can't be opened: {error}"
        raise ContractBroken(msg) from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def open_session(folder: Path, called: str, dimension: int) -> Any:
    """Open an artifact's graph for one thread, so that its bits don't depend on how many there are.

    Args:
        folder: The artifact.
        called: What messages call it.
        dimension: How many numbers it must give a text.

    Raises:
        ContractBroken: It can't be opened, or gives another number.
    """
    import onnxruntime as ort  # noqa: PLC0415  a function pays only for what it uses

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    try:
        session = ort.InferenceSession(folder / MODEL_FILE, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime has one class per status, with no root but this
        msg = f"{MODEL_FILE} of {called} can't be opened: {error}"
        raise ContractBroken(msg) from error
    shapes = [node.shape for node in session.get_outputs()]
    if shapes != [["batch", dimension]]:
        msg = f"{MODEL_FILE} of {called} gives {shapes}, not {dimension} a text"
        raise ContractBroken(msg)
    return session
