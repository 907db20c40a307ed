"""Models and encoders as folders of files: immutable, named by their content, never pickles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from timbral.digests import digest_file, digest_json
from timbral.errors import ContractBroken, NotFound

if TYPE_CHECKING:
    from pathlib import Path

    from timbral.store.objects import Objects


class Artifacts:
    """The artifacts of one kind.

        <prefix>/<version>/<file>        the files
        <prefix>/<version>/files.json    their digests; written last
        <prefix>/current.json            the version in use

    Args:
        objects: The object store.
        prefix: The kind's place, such as ``mood/model``.
        cache: A local folder for copies of remote files.
    """

    def __init__(self, objects: Objects, prefix: str, cache: Path) -> None:
        self._objects = objects
        self._prefix = prefix
        self._cache = cache

    def publish(self, folder: Path) -> str:
        """Store a folder's files and put them in use; the same files always get the same version.

        Returns:
            The version.
        """
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        files = {path.relative_to(folder).as_posix(): digest_file(path) for path in paths}
        version = digest_json(files)
        if not self._objects.exists(f"{self._prefix}/{version}/files.json"):
            for name in files:
                self._objects.put_file(f"{self._prefix}/{version}/{name}", folder / name)
            self._objects.put(f"{self._prefix}/{version}/files.json", orjson.dumps(files))
        self._objects.put(f"{self._prefix}/current.json", orjson.dumps({"version": version}))
        return version

    def current(self) -> str | None:
        """Return the version in use, or None before the first."""
        found = self._objects.get_tagged(f"{self._prefix}/current.json")
        return str(orjson.loads(found[0])["version"]) if found else None

    def folder(self, version: str) -> Path:
        """Return a local folder with a version's files, each checked against its digest.

        Raises:
            NotFound: There is no such version.
            ContractBroken: A file is not the one that was stored.
        """
        found = self._objects.get_tagged(f"{self._prefix}/{version}/files.json")
        if found is None:
            msg = f"there is no version {version!r} under {self._prefix!r} in {self._objects.root}"
            raise NotFound(msg)
        folder = self._objects.local_path(f"{self._prefix}/{version}") or self._cache / self._prefix / version
        for name, digest in orjson.loads(found[0]).items():
            path = folder / name
            if not path.exists():
                self._objects.fetch(f"{self._prefix}/{version}/{name}", path)
            if digest_file(path) != digest:
                msg = f"file {name!r} of {self._prefix}/{version} is not the one that was stored"
                raise ContractBroken(msg)
        return folder
