"""Fixtures that any test may use."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def realdata() -> Path:
    """Folder of real music data for development; it is not part of the project."""
    folder = Path(os.environ.get("TIMBRAL_REALDATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"there is no real data at {folder} (set TIMBRAL_REALDATA)")
    return folder
