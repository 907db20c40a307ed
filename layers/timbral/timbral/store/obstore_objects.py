"""Object storage through obstore: a folder, memory, or S3 and whatever speaks its protocol.

Source: https://developmentseed.org/obstore/ (the Rust ``object_store`` crate, which Lance uses too).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import unquote, urlparse

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError, PreconditionError
from obstore.store import LocalStore, MemoryStore, S3Store

from timbral.errors import Conflict, InvalidInput, NotFound, StoreError
from timbral.store.objects import LanceLocation, ObjectInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from obstore.store import ObjectStore

_PART_BYTES = 8 << 20
_LOCKS = ".locks"
_NOT_FOUND = (NotFoundError, FileNotFoundError)


def open_objects(root: str, s3_options: Mapping[str, str] | None = None) -> ObstoreObjects:
    """Open the object store at a root.

    Args:
        root: ``file:///folder`` or a plain path, ``memory://``, or ``s3://bucket/prefix``.
        s3_options: ``endpoint``, ``region``, ``access_key_id``, ``secret_access_key``; what is
            absent comes from the machine's own AWS settings.

    Raises:
        InvalidInput: The root is of another kind, or the folder is a file.
        StoreError: The folder can't be made or opened.
    """
    address = urlparse(root)
    if address.scheme in {"", "file"}:
        return _open_folder(root, unquote(address.path) if address.scheme else root)
    if address.scheme == "memory":
        return ObstoreObjects(root, MemoryStore())
    if address.scheme == "s3" and address.netloc:
        return _open_bucket(root, address.netloc, address.path.strip("/"), dict(s3_options or {}))
    msg = f"store root {root!r} is none of file:///folder, a path, memory:// or s3://bucket/prefix"
    raise InvalidInput(msg, "root")


def _open_folder(root: str, path: str) -> ObstoreObjects:
    folder = Path(path).expanduser().absolute()
    if folder.exists() and not folder.is_dir():
        msg = f"store root {root!r} is a file; it must be a folder"
        raise InvalidInput(msg, "root")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        store = LocalStore(folder)
    except (OSError, BaseError) as error:
        msg = f"the store's folder {folder} can't be opened: {error}"
        raise StoreError(msg) from error
    return ObstoreObjects(folder.as_uri(), store, folder=folder)


def _open_bucket(root: str, bucket: str, prefix: str, options: dict[str, str]) -> ObstoreObjects:
    plain_http = options.get("endpoint", "").startswith("http://")
    config: dict[str, Any] = {**options, "virtual_hosted_style_request": "false"}
    store = S3Store(
        bucket,
        prefix=prefix or None,
        client_options={"allow_http": plain_http, "timeout": "60s"},
        **config,
    )
    lance = {f"aws_{name}": value for name, value in options.items()}
    lance |= {"aws_virtual_hosted_style_request": "false", "allow_http": str(plain_http).lower()}
    return ObstoreObjects(root.rstrip("/"), store, lance_options=lance)


class ObstoreObjects:
    """`Objects` over any obstore store.

    Args:
        root: The address that the store was opened with.
        store: The obstore store, already at the root.
        folder: The root's folder, if it is one.
        lance_options: LanceDB's storage options, if Lance can open the root.
    """

    def __init__(
        self,
        root: str,
        store: ObjectStore,
        *,
        folder: Path | None = None,
        lance_options: dict[str, str] | None = None,
    ) -> None:
        self.root = root
        self._store = store
        self._folder = folder
        self._lance_options = lance_options

    def get(self, key: str) -> bytes:
        """Return an object's bytes; see `Objects.get`."""
        found = self.get_tagged(key)
        if found is None:
            msg = f"there is no object {key!r} in {self.root}"
            raise NotFound(msg)
        return found[0]

    def get_tagged(self, key: str) -> tuple[bytes, str] | None:
        """Return bytes and tag, or None; see `Objects.get_tagged`."""
        with self._translated("read", key):
            try:
                result = self._store.get(key)
                return bytes(result.bytes()), result.meta["e_tag"] or ""
            except _NOT_FOUND:
                return None

    def put(self, key: str, data: bytes) -> None:
        """Write an object; see `Objects.put`."""
        self._write(key, data, "overwrite")

    def create(self, key: str, data: bytes) -> bool:
        """Write an object unless there is one; see `Objects.create`."""
        try:
            self._write(key, data, "create")
        except Conflict:
            return False
        return True

    def replace(self, key: str, data: bytes, tag: str | None) -> None:
        """Write an object if its version is unchanged; see `Objects.replace`."""
        if tag is None:
            self._write(key, data, "create")
        elif self._folder is not None:
            self._replace_in_folder(key, data, tag)
        else:
            self._write(key, data, {"e_tag": tag})

    def _replace_in_folder(self, key: str, data: bytes, tag: str) -> None:
        # A file system has no conditional write: an advisory lock, which ends with its process, makes one.
        folder = cast("Path", self._folder)
        lock = folder / _LOCKS / key.replace("/", ".")
        lock.parent.mkdir(exist_ok=True)
        with self._translated("lock", key), lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            found = self.get_tagged(key)
            if found is None or found[1] != tag:
                raise self._conflict(key)
            self._write(key, data, "overwrite")

    def _write(self, key: str, data: bytes, mode: Literal["create", "overwrite"] | dict[str, str]) -> None:
        with self._translated("write", key):
            try:
                # One request, so that the condition and the write are one step.
                obstore.put(self._store, key, data, mode=cast("Any", mode), use_multipart=False)
            except (AlreadyExistsError, PreconditionError) as error:
                raise self._conflict(key) from error

    def _conflict(self, key: str) -> Conflict:
        return Conflict(f"object {key!r} in {self.root} was written by somebody else meanwhile")

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Yield what lies under a prefix, in order; see `Objects.list`."""
        found: list[ObjectInfo] = []
        with self._translated("list", prefix):
            for page in self._store.list(prefix.rstrip("/") or None, chunk_size=1000):
                found += [ObjectInfo(meta["path"], meta["size"], meta["last_modified"]) for meta in page]
        yield from sorted(
            (info for info in found if not info.key.startswith(_LOCKS)), key=lambda info: info.key
        )

    def exists(self, key: str) -> bool:
        """Say whether there is such an object; see `Objects.exists`."""
        with self._translated("look up", key):
            try:
                self._store.head(key)
            except _NOT_FOUND:
                return False
        return True

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; see `Objects.delete`."""
        for key in keys:
            with self._translated("delete", key), contextlib.suppress(*_NOT_FOUND):
                self._store.delete(key)

    def put_file(self, key: str, path: Path) -> None:
        """Write an object from a local file; see `Objects.put_file`."""
        with self._translated("write", key):
            obstore.put(self._store, key, path, chunk_size=_PART_BYTES)

    def copy(self, source: str, key: str) -> None:
        """Write an object as another one is; see `Objects.copy`."""
        with self._translated("copy", source):
            try:
                obstore.copy(self._store, source, key)
            except _NOT_FOUND as error:
                msg = f"there is no object {source!r} in {self.root}"
                raise NotFound(msg) from error

    def local_path(self, key: str) -> Path | None:
        """Return the object's own file, if the root is a folder; see `Objects.local_path`."""
        if self._folder is None:
            return None
        if ".." in key.split("/"):
            msg = f"key {key!r} leads out of {self.root}"
            raise StoreError(msg)
        return self._folder / key

    def fetch(self, key: str, destination: Path) -> None:
        """Copy an object into a local file; see `Objects.fetch`."""
        destination.parent.mkdir(parents=True, exist_ok=True)
        # Two threads may fetch one object: each writes a file of its own, and the last to be whole stays.
        partial = destination.with_name(f"{destination.name}.{os.getpid()}.{threading.get_ident()}.partial")
        with self._translated("read", key):
            try:
                with partial.open("wb") as file:
                    for chunk in self._store.get(key).stream(min_chunk_size=_PART_BYTES):
                        file.write(chunk)
            except _NOT_FOUND as error:
                partial.unlink(missing_ok=True)
                msg = f"there is no object {key!r} in {self.root}"
                raise NotFound(msg) from error
            partial.replace(destination)

    def lance_location(self, prefix: str) -> LanceLocation | None:
        """Return where Lance opens a folder of the store; see `Objects.lance_location`."""
        if self._folder is not None:
            return LanceLocation(str(self._folder / prefix), {})
        if self._lance_options is not None:
            return LanceLocation(f"{self.root}/{prefix}", self._lance_options)
        return None

    @contextlib.contextmanager
    def _translated(self, action: str, key: str) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError, ValueError) as error:  # ValueError: the key itself is refused
            reason = str(error).strip().splitlines()[0]
            msg = f"can't {action} {key!r} in {self.root}: {reason}"
            raise StoreError(msg) from error
