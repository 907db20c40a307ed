"""Files into the store: the one way in for listening history and catalogues."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from timbral.digests import digest_json
from timbral.errors import InvalidInput
from timbral.raw.files.head import Head, read_head
from timbral.raw.files.sources import beside, sources_of
from timbral.raw.formats.format import Reading
from timbral.raw.formats.registry import FORMATS, Bundle, recognise
from timbral.raw.intake import Intake
from timbral.raw.noting import Noting
from timbral.raw.report import FileReport, ImportReport

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from timbral.progress import Progress
    from timbral.raw.files.sources import Source
    from timbral.raw.formats.format import Format
    from timbral.raw.ports import ImportTables

READER_VERSION = 1
"""Raised by hand when rows are read differently, so that files are taken in anew."""
_SHOWN_FILES = 5
_LARGEST_NEARBY_BYTES = 1 << 28


def import_path(
    tables: ImportTables,
    path: Path,
    *,
    listener: str | None,
    progress: Progress,
    now_uts: int,
    clock_s: Callable[[], float],
    layout: Format | None = None,
) -> ImportReport:
    """Take in a file, a zip file, or all files of a folder.

    Content that was taken in before (for the same listener) is known by its digest and not read again.

    Args:
        tables: The store.
        path: The file or folder.
        listener: Who listened, for files that don't say; without it a CSV's own name is taken.
        progress: Told of rows.
        now_uts: The present, in Unix seconds; plays more than a day later are set aside.
        clock_s: Seconds from any beginning, to tell how long it took.
        layout: What the files are, where they aren't to be known by their content.

    Returns:
        What became of each file; files of a folder that are of no known layout are named there.

    Raises:
        InvalidInput: Nothing there can be read: no such path, no permission, empty, or no known layout.
    """
    begun_s = clock_s()
    bundles, unrecognised = bundles_under(path) if layout is None else _bundles_of(layout, path)
    reports: list[FileReport] = []
    for bundle in bundles:
        started_s = clock_s()
        try:
            report = _import_bundle(tables, bundle, listener, progress, now_uts)
        except InvalidInput as error:
            if len(bundles) == 1:
                raise
            unrecognised[bundle.head.source.name] = str(error).removeprefix(f"{bundle.head.source.name} ")
            continue
        reports.append(replace(report, seconds=clock_s() - started_s))
    return ImportReport(tuple(reports), unrecognised, clock_s() - begun_s)


def bundles_under(path: Path) -> tuple[list[Bundle], dict[str, str]]:
    """Find what can be read under a path.

    Returns:
        The files with their layouts, and why each other file can't be read.

    Raises:
        InvalidInput: There is nothing that can be read.
    """
    sources = sources_of(path)
    heads, unreadable = _heads(sources)
    bundles, unknown = recognise(heads)
    if len(sources) == 1 and any(bundle.format.has_companions for bundle in bundles):
        bundles, unknown = recognise(heads, _heads(_nearby(sources[0]))[0])
    unrecognised = unreadable | unknown
    if bundles:
        return bundles, unrecognised
    if len(sources) == 1:
        name, why = next(iter(unrecognised.items()))
        raise InvalidInput(f"{name} {why}", "path")
    shown = "; ".join(f"{name} {why}" for name, why in list(unrecognised.items())[:_SHOWN_FILES])
    raise InvalidInput(f"{path} has no file of a known layout among its {len(sources)}: {shown}", "path")


def _bundles_of(layout: Format, path: Path) -> tuple[list[Bundle], dict[str, str]]:
    heads, unreadable = _heads(sources_of(path))
    if not heads:
        name, why = next(iter(unreadable.items()))
        raise InvalidInput(f"{name} {why}", "path")
    return [Bundle(layout, head, ()) for head in heads], unreadable


def _nearby(source: Source) -> list[Source]:
    near = beside(source)
    return [one for one in near if one.path is not None and one.path.stat().st_size <= _LARGEST_NEARBY_BYTES]


def _heads(sources: Sequence[Source]) -> tuple[list[Head], dict[str, str]]:
    heads, unreadable = [], {}
    for source in sources:
        try:
            heads.append(read_head(source))
        except InvalidInput as error:
            unreadable[source.name] = str(error).removeprefix(f"{source.name} ")
    return heads, unreadable


def _dialect(bundle: Bundle) -> list[str]:
    """Tell a file that was said to be something from the same file known by its content."""
    return [] if bundle.format in FORMATS else [bundle.format.name]


def _import_bundle(
    tables: ImportTables, bundle: Bundle, listener: str | None, progress: Progress, now_uts: int
) -> FileReport:
    source = bundle.head.source
    listener = bundle.format.listener(bundle.head, listener)
    contents = [head.source.digest() for head in (bundle.head, *bundle.companions)]
    key = digest_json([READER_VERSION, contents, listener, *_dialect(bundle)])
    if receipt := tables.receipt(key):
        return FileReport(**(receipt | {"file": source.name, "was_known": True}))
    progress.begin(f"import {source.name.rsplit('/', 1)[-1]}", None, "rows")
    reading = Reading(listener, now_uts, bundle.companions)
    noting = Noting(tables)
    intake = Intake(noting if listener else tables, source.name, key, progress)
    try:
        for chunk in bundle.format.read(bundle.head, reading):
            intake.take(chunk)
        report = intake.finish(bundle.format.name, listener, reading.broken)
    finally:
        reading.close()
        intake.close()
    if listener and (heard := noting.heard()):
        tables.note_heard(listener, heard)
    tables.put_receipt(key, report.receipt())
    return report
