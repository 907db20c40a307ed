"""The port to object storage: named bytes under one root, with conditional writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path


@dataclass(frozen=True)
class ObjectInfo:
    """What a listing tells of an object.

    Attributes:
        key: Its name below the root.
        size_bytes: Its length.
        modified_at: When it was last written.
    """

    key: str
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True)
class LanceLocation:
    """Where Lance finds a folder of the store.

    Attributes:
        uri: ``file://`` path or ``s3://`` address.
        storage_options: As LanceDB takes them; empty for a folder.
    """

    uri: str
    storage_options: dict[str, str]


class Objects(Protocol):
    """Named bytes under one root; nothing outside of it is ever touched.

    Every method raises `StoreError` when the store refuses (permission, space, connection).
    """

    root: str

    def get(self, key: str) -> bytes:
        """Return an object's bytes.

        Raises:
            NotFound: There is no such object.
        """

    def get_tagged(self, key: str) -> tuple[bytes, str] | None:
        """Return an object's bytes and the tag of that version, or None if there is none."""

    def put(self, key: str, data: bytes) -> None:
        """Write an object, replacing what is there."""

    def create(self, key: str, data: bytes) -> bool:
        """Write an object unless there is one; say whether it was written."""

    def replace(self, key: str, data: bytes, tag: str | None) -> None:
        """Write an object if its version is still the one of ``tag`` (None: if there is none yet).

        Raises:
            Conflict: Another version is there.
        """

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Yield what lies under a folder-like prefix, in order of the keys."""

    def exists(self, key: str) -> bool:
        """Say whether there is such an object."""

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; those that are already gone are fine."""

    def put_file(self, key: str, path: Path) -> None:
        """Write an object from a local file, streamed."""

    def copy(self, source: str, key: str) -> None:
        """Write an object as another one is, without its bytes passing through here.

        Raises:
            NotFound: There is no such other object.
        """

    def local_path(self, key: str) -> Path | None:
        """Return the object's own file where the root is a folder, else None."""

    def fetch(self, key: str, destination: Path) -> None:
        """Copy an object into a local file, streamed; a reader never sees half of it.

        Raises:
            NotFound: There is no such object.
        """

    def lance_location(self, prefix: str) -> LanceLocation | None:
        """Return where Lance itself can open a folder of the store, or None if it can't."""
