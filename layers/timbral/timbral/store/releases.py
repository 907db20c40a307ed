"""Releases: everything that the API serves, built together and switched by one pointer.

releases/<release>/<build>/…      the files of one build; two builds of a release never mix
releases/<release>/manifest.json  which build counts, its files' digests, inputs, metrics, decision
releases/current.json             the release that is served, and those before it
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from timbral.digests import digest_file, digest_json
from timbral.errors import ContractBroken, InvalidRequest, NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from timbral.store.objects import Objects

RELEASES = "releases"
POINTER = f"{RELEASES}/current.json"
_HISTORY_COUNT = 50


@dataclass(frozen=True)
class Manifest:
    """What a release is made of.

    Attributes:
        release: Its id, a digest of its inputs.
        build: The build's folder, a digest of its files.
        files: Digest of each file, by its path below the build's folder.
        inputs: What it was computed from: snapshot ids by table, model versions, settings.
        counts: Tracks, listeners and other sizes.
        metrics: What the evaluation measured on plays that its models had not seen.
        decision: Whether the gate let it through, and on which numbers.
        built_at_uts: When it was built, in Unix seconds.
    """

    release: str
    build: str
    files: dict[str, str]
    inputs: dict[str, Any]
    counts: dict[str, int] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    decision: dict[str, Any] = field(default_factory=dict)
    built_at_uts: int = 0

    @property
    def prefix(self) -> str:
        """The key under which the build's files lie."""
        return f"{RELEASES}/{self.release}/{self.build}"


@dataclass(frozen=True)
class Pointer:
    """Which release is served.

    Attributes:
        release: Its id.
        before: Those served before it, the latest first.
        withdrawn: Those that were gone back from; only a person serves them again.
    """

    release: str
    before: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()

    def forward(self, release: str) -> Pointer:
        """Point at another release and remember this one."""
        if release == self.release:
            return self
        withdrawn = tuple(other for other in self.withdrawn if other != release)
        return Pointer(release, (self.release, *self.before)[:_HISTORY_COUNT], withdrawn)

    def back(self) -> Pointer:
        """Point at the release before.

        Raises:
            InvalidRequest: There is none.
        """
        if not self.before:
            msg = f"there is no release before {self.release!r} to go back to"
            raise InvalidRequest(msg)
        return Pointer(self.before[0], self.before[1:], (self.release, *self.withdrawn)[:_HISTORY_COUNT])


def release_id(inputs: Mapping[str, Any]) -> str:
    """Name a release after its inputs: the same inputs are the same release."""
    return digest_json(dict(inputs))[:16]


class Releases:
    """The releases below one root.

    Args:
        objects: The object store.
    """

    def __init__(self, objects: Objects) -> None:
        self.objects = objects

    def upload(
        self, release: str, folder: Path, beside: Manifest | None = None
    ) -> tuple[str, dict[str, str]]:
        """Upload a build's files; nothing refers to them until a manifest is written.

        Args:
            release: The release's id.
            folder: The files; a Lance table's versions go last, so that it is whole once it can be seen.
            beside: A build that has the files that aren't in the folder; they are copied in the store.

        Returns:
            The build's name and the files' digests.
        """
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        own = {path.relative_to(folder).as_posix(): digest_file(path) for path in paths}
        files = (beside.files if beside else {}) | own
        build = digest_json(files)[:16]
        for name in sorted(files, key=lambda name: ("_versions/" in name, name)):
            key = f"{RELEASES}/{release}/{build}/{name}"
            if beside is not None and name not in own:
                self.objects.copy(f"{beside.prefix}/{name}", key)
            else:
                self.objects.put_file(key, folder / name)
        return build, files

    def register(self, manifest: Manifest) -> Manifest:
        """Make a build the release's own, unless another build came first.

        Returns:
            The manifest that counts.
        """
        self.objects.create(_manifest_key(manifest.release), orjson.dumps(asdict(manifest)))
        return self.manifest(manifest.release)

    def manifest(self, release: str) -> Manifest:
        """Return a release's manifest.

        Raises:
            NotFound: There is no such release.
            ContractBroken: The manifest can't be read.
        """
        found = self.find(release)
        if found is None:
            msg = f"there is no release {release!r} in {self.objects.root}"
            raise NotFound(msg)
        return found

    def find(self, release: str) -> Manifest | None:
        """Return a release's manifest, or None if there is no such release.

        Raises:
            ContractBroken: The manifest can't be read.
        """
        found = self.objects.get_tagged(_manifest_key(release))
        if found is None:
            return None
        try:
            return Manifest(**orjson.loads(found[0]))
        except (orjson.JSONDecodeError, TypeError) as error:
            msg = f"the manifest of release {release!r} can't be read: {error}"
            raise ContractBroken(msg) from error

    def list(self) -> list[Manifest]:
        """Return all releases, the newest first."""
        keys = [info.key for info in self.objects.list(RELEASES) if info.key.endswith("/manifest.json")]
        manifests = [self.manifest(key.split("/")[1]) for key in keys if key.count("/") == 2]  # noqa: PLR2004  releases/<id>/manifest.json
        return sorted(manifests, key=lambda manifest: (-manifest.built_at_uts, manifest.release))

    def current(self) -> Pointer | None:
        """Return which release is served, or None before the first."""
        found = self.objects.get_tagged(POINTER)
        return _load_pointer(found[0]) if found else None

    def promote(self, release: str) -> Pointer:
        """Serve a release that the gate let through.

        Raises:
            NotFound: There is no such release.
            InvalidRequest: The gate refused it.
            Conflict: The pointer moved meanwhile.
        """
        manifest = self.manifest(release)
        if not manifest.decision.get("promote"):
            reason = manifest.decision.get("reason", "it was never evaluated")
            msg = f"release {release!r} was refused by the gate: {reason}"
            raise InvalidRequest(msg)
        found = self.objects.get_tagged(POINTER)
        pointer = _load_pointer(found[0]).forward(release) if found else Pointer(release)
        self._move(pointer, found[1] if found else None)
        return pointer

    def serve(self, manifest: Manifest) -> bool:
        """Serve a release, unless the gate refused it or somebody went back from it.

        Returns:
            Whether it is served now.

        Raises:
            Conflict: The pointer moved meanwhile.
        """
        pointer = self.current()
        if pointer and pointer.release == manifest.release:
            return True
        if not manifest.decision.get("promote") or (pointer and manifest.release in pointer.withdrawn):
            return False
        return self.promote(manifest.release).release == manifest.release

    def rollback(self) -> Pointer:
        """Serve the release before the present one.

        Raises:
            InvalidRequest: There is none.
            Conflict: The pointer moved meanwhile.
        """
        found = self.objects.get_tagged(POINTER)
        if found is None:
            msg = f"no release is served from {self.objects.root}, so there is none to go back from"
            raise InvalidRequest(msg)
        pointer = _load_pointer(found[0]).back()
        self.manifest(pointer.release)
        self._move(pointer, found[1])
        return pointer

    def forget(self, doomed: Sequence[str]) -> int:
        """Delete releases, so that nobody can go back to them; the one that is served stays in any case.

        Returns:
            How many objects were deleted.

        Raises:
            Conflict: The pointer moved meanwhile.
        """
        found = self.objects.get_tagged(POINTER)
        gone = set(doomed)
        if found is not None:
            pointer = _load_pointer(found[0])
            gone -= {pointer.release}
            before = tuple(release for release in pointer.before if release not in gone)
            if before != pointer.before:
                self._move(Pointer(pointer.release, before, pointer.withdrawn), found[1])
        keys = [info.key for release in sorted(gone) for info in self.objects.list(f"{RELEASES}/{release}")]
        self.objects.delete(keys)
        return len(keys)

    def _move(self, pointer: Pointer, tag: str | None) -> None:
        self.objects.replace(POINTER, orjson.dumps(asdict(pointer)), tag)

    def fetch(self, manifest: Manifest, name: str, destination: Path) -> Path:
        """Return a local file with one of a release's files, checked against its digest.

        Raises:
            NotFound: The release has no such file.
            ContractBroken: The file is not the one that was built.
        """
        if name not in manifest.files:
            msg = f"release {manifest.release!r} has no file {name!r}"
            raise NotFound(msg)
        key = f"{manifest.prefix}/{name}"
        path = self.objects.local_path(key)
        if path is None:
            path = destination / key
            if not path.exists():
                self.objects.fetch(key, path)
        if digest_file(path) != manifest.files[name]:
            msg = f"file {name!r} of release {manifest.release!r} is not the one that was built"
            raise ContractBroken(msg)
        return path


def _manifest_key(release: str) -> str:
    return f"{RELEASES}/{release}/manifest.json"


def _load_pointer(data: bytes) -> Pointer:
    try:
        found = orjson.loads(data)
        return Pointer(found["release"], tuple(found["before"]), tuple(found["withdrawn"]))
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        msg = f"the pointer {POINTER!r} can't be read: {error}"
        raise ContractBroken(msg) from error
