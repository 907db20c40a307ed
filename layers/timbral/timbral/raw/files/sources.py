"""What lies under a path: files, files in folders, members of zip files."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from timbral.digests import digest_file, digest_json
from timbral.errors import InvalidInput
from timbral.raw.files.broken_zip import LOCAL_HEADER, LostFile, lost_members
from timbral.raw.files.stream import Readable, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_ENDINGS = (".gz", ".csv", ".tsv", ".txt", ".json", ".jsonl", ".dat", ".parquet")


@dataclass(frozen=True)
class Source:
    """One file of content.

    Attributes:
        name: What a user calls it: its path, within an archive behind the archive's.
        folder: What it lies in; files of one folder belong together.
        path: The file itself if it is neither in an archive nor packed, for random access.
        open_raw: Opens its bytes.
        digest: Digest of its content, computed on the first call.
    """

    name: str
    folder: str
    path: Path | None
    open_raw: Callable[[], Readable]
    digest: Callable[[], str]

    def open(self, encoding: str = "utf-8") -> Stream:
        """Open it, unpacked.

        Raises:
            InvalidInput: It can't be read.
        """
        try:
            return Stream(self.open_raw(), encoding)
        except (OSError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
            raise InvalidInput(f"{self.name} can't be read: {_why(error)}", "path") from error

    @property
    def stem(self) -> str:
        """The file's name without folders and endings."""
        stem = self.name.rsplit("/", 1)[-1]
        while stem.lower().endswith(_ENDINGS):
            stem = stem.rsplit(".", 1)[0]
        return stem


def sources_of(path: Path) -> list[Source]:
    """List what lies under a path, in the order of names; hidden files are passed over.

    Raises:
        InvalidInput: There is nothing there, it can't be read, or it is no file and no folder.
    """
    try:
        if not path.exists():
            raise InvalidInput(f"there is no file or folder {path}", "path")
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.is_file() and not _is_hidden(file, path))
        elif path.is_file():
            files = [path]
        else:
            raise InvalidInput(f"{path} is neither a file nor a folder", "path")
        found = [source for file in files for source in _of_file(file)]
    except OSError as error:
        raise InvalidInput(f"{path} can't be read: {_why(error)}", "path") from error
    if not found:
        raise InvalidInput(f"{path} has no files in it", "path")
    return found


def beside(source: Source) -> list[Source]:
    """List the other plain files of a file's folder, for formats of several files."""
    if source.path is None:
        return []
    files = sorted(file for file in source.path.parent.iterdir() if file.is_file() and file != source.path)
    return [_plain(file) for file in files if not file.name.startswith(".")]


def _is_hidden(file: Path, below: Path) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in file.relative_to(below).parts)


def _of_file(path: Path) -> Iterator[Source]:
    plain = _plain(path)
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError:
        yield plain  # opening it again says why
        return
    if magic == LOCAL_HEADER or zipfile.is_zipfile(path):
        yield from _of_zip(path)
    else:
        yield plain


def _plain(path: Path) -> Source:
    return Source(
        str(path), str(path.parent), path, lambda: path.open("rb"), cache(partial(digest_file, path))
    )


def _of_zip(path: Path) -> Iterator[Source]:
    whole = cache(partial(digest_file, path))
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except zipfile.BadZipFile:
        for lost in lost_members(path):
            yield _member(path, lost.name, partial(LostFile, path, lost), whole)
        return
    for name in names:
        if not any(part.startswith((".", "__MACOSX")) for part in name.split("/")):
            yield _member(path, name, partial(_open_member, path, name), whole)


def _member(path: Path, name: str, open_raw: Callable[[], Readable], whole: Callable[[], str]) -> Source:
    full = f"{path}/{name}"
    return Source(full, full.rsplit("/", 1)[0], None, open_raw, cache(lambda: digest_json([whole(), name])))


def _open_member(path: Path, name: str) -> Readable:
    return zipfile.ZipFile(path).open(name)


def _why(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return "permission is denied"
    return str(getattr(error, "strerror", None) or error)
