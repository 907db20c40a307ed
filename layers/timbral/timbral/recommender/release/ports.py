"""What an opened release needs of others: its files, and an encoder of what is searched for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from timbral.recommender.release.view import Floats


class TextEncoder(Protocol):
    """As much of an encoder as a search needs."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return ``(n, d)`` normalised embeddings."""


class ReleaseFiles(Protocol):
    """Where a release's files come from."""

    release: str

    def path(self, name: str) -> Path:
        """Return a local file with one of the release's files, fetched once and checked."""

    def lance(self) -> Any:
        """Open the release's Lance table."""
