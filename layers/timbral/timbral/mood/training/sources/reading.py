"""Files of any of the layouts, recognised by what is in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from timbral.errors import InvalidInput
from timbral.mood.training.sources import community, databases, hdf5, jamendo, separated, tables
from timbral.mood.training.sources.joining import join
from timbral.raw.files.head import read_head
from timbral.raw.files.sources import sources_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from timbral.mood.training.settings import TrainingSettings
    from timbral.mood.training.sources.facts import FileFacts
    from timbral.mood.training.sources.joining import Labelled
    from timbral.progress import Progress
    from timbral.raw.files.sources import Source

    Reader = Callable[[Collection[str]], FileFacts]

_HETREC_PLAYS = ("user_id", "artist_id", "weight")
_BEGINS_BYTES = 1 << 12
_SHOWN_FILES = 5


@dataclass(frozen=True)
class Read:
    """What was read of some paths.

    Attributes:
        labelled: The examples.
        files: ``{file: its layout, rows, and bad rows by reason}``.
        skipped: Why each other file was passed over.
    """

    labelled: Labelled
    files: dict[str, dict[str, object]]
    skipped: dict[str, str]


def read_sources(paths: Sequence[Path], settings: TrainingSettings, progress: Progress) -> Read:
    """Read all files under some paths.

    Files that only name tracks (the Million Song Dataset's) are read last, for the tracks that others know.

    Args:
        paths: Files and folders.
        settings: Which labels and inputs may be used.
        progress: Told of every file.

    Raises:
        InvalidInput: A path can't be read, or nothing there has labels.
    """
    readers: list[tuple[int, str, Reader]] = []
    skipped: dict[str, str] = {}
    for source in {source.name: source for path in paths for source in sources_of(path)}.values():
        found = _recognise(source)
        if found is None:
            skipped[source.name] = "is of no layout that moods are learned from"
        else:
            readers.append((found[0], source.name, found[1]))
    progress.begin("read labelled tracks", len(readers), "files")
    files: dict[str, FileFacts] = {}
    for _, name, read in sorted(readers, key=lambda it: it[:2]):
        wanted = {facts.key for file in files.values() for facts in file.tracks if facts.key}
        files[name] = read(wanted)
        progress.advance()
    labelled = join(list(files.values()), settings)
    if not labelled.rows:
        raise InvalidInput(_nothing(paths, files, skipped, settings), "path")
    reports: dict[str, dict[str, object]] = {
        name: {"layout": file.kind, "rows": file.rows_count, "set_aside": dict(file.bad)}
        for name, file in files.items()
    }
    return Read(labelled, reports, skipped)


def _recognise(source: Source) -> tuple[int, Reader] | None:
    """Return when to read a file, the first at 0, and how; None if it isn't of any use."""
    stream = source.open()
    try:
        begins = stream.read(_BEGINS_BYTES)
    finally:
        stream.close()
    if begins.startswith(databases.MAGIC):
        return _database(source)
    if begins.startswith(hdf5.MAGIC):
        return _hdf5(source)
    first_line = begins.split(b"\n", 1)[0].decode(errors="replace").rstrip("\r")
    if separated.is_separated(first_line):
        return 2, lambda wanted: separated.read_separated(source, wanted)
    if tuple(first_line.lower().split("\t")) == jamendo.HEADER:
        return 0, lambda _: jamendo.read_jamendo(source)
    reader = _table(source)
    return None if reader is None else (0, reader)


def _table(source: Source) -> Reader | None:
    head = read_head(source)
    if head.kind != "table":
        return None
    if head.columns == _HETREC_PLAYS and (path := source.path) is not None:
        return lambda _: community.read_hetrec(path)
    if table := tables.table_kind(head):
        return lambda _: tables.read_table(head, table)
    if catalogue := community.catalogue_kind(head):
        return lambda _: community.read_catalogue(head, catalogue)
    return None


def _database(source: Source) -> tuple[int, Reader] | None:
    path = source.path
    if path is None:
        return None
    kind = databases.database_kind(path)
    if kind == "songs":
        return 2, lambda wanted: databases.read_track_metadata(path, wanted)
    return (1, lambda wanted: databases.read_lastfm_tags(path, wanted)) if kind == "tags" else None


def _hdf5(source: Source) -> tuple[int, Reader] | None:
    path = source.path
    if path is None or not hdf5.is_million_song(path):
        return None
    return 2, lambda wanted: hdf5.read_summary(path, wanted)


def _nothing(
    paths: Sequence[Path],
    files: dict[str, FileFacts],
    skipped: dict[str, str],
    settings: TrainingSettings,
) -> str:
    where = ", ".join(map(str, paths))
    if any(one.origin == "provider" for file in files.values() for one in file.tracks):
        if not settings.train_on_provider_content:
            return f"the only labels under {where} are a provider's, and train_on_provider_content is false"
        return f"labelled tracks under {where} have fewer than 3 tags: add a file of tags, such as HetRec's"
    shown = "; ".join(f"{name} {why}" for name, why in list(skipped.items())[:_SHOWN_FILES])
    return f"{where} has no labelled tracks" + (f": {shown}" if shown else "")
