"""Files that have landed, taken in as the importers read them: of the inbox, and dumps of albums."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from timbral.api.listeners.places import INBOX
from timbral.errors import InvalidInput
from timbral.progress import Silent

if TYPE_CHECKING:
    from timbral.operations.events import ObjectCreated
    from timbral.raw.formats.format import Format
    from timbral.raw.report import ImportReport
    from timbral.wiring import Services


def take_file(services: Services, created: ObjectCreated) -> dict[str, Any]:
    """Take in a file that has landed in the inbox.

    Args:
        services: Settings and adapters.
        created: Which object.

    Returns:
        What became of the file's rows; empty for the mark that a console makes for a folder. It names no
        listener: it is logged.

    Raises:
        InvalidInput: The object isn't below the store's inbox, or the file can't be read.
        NotFound: The object is gone.
    """
    key, listener = _in_inbox(services.objects.root, created)
    if key.endswith("/"):
        return {}
    return _take_file(services, created.id, key, listener)


def take_dump(services: Services, created: ObjectCreated, key: str) -> dict[str, Any]:
    """Take in a dump of albums and reviews; see `take_file`."""
    from timbral.raw.aoty.dump import AOTY_DUMP  # noqa: PLC0415  files of the inbox don't pay for it

    if key.endswith("/"):
        return {}
    return _take_file(services, created.id, key, None, AOTY_DUMP)


def _take_file(
    services: Services, run: str, key: str, listener: str | None, layout: Format | None = None
) -> dict[str, Any]:
    with services.job_log(run).step("raw/load") as outcome:
        report = _import_object(services, key, listener, layout)
        outcome.counts = {
            "rows_count": report.rows_read,
            "computed_count": sum(report.rows_kept.values()),
            "reused_count": report.duplicates,
            "quarantined_count": sum(report.quarantined.values()),
        }
    return {
        "run": run,
        "rows_read": report.rows_read,
        "rows_kept": report.rows_kept,
        "duplicates": report.duplicates,
        "quarantined": report.quarantined,
        "faults": report.faults,
    }


def _import_object(services: Services, key: str, listener: str | None, layout: Format | None) -> ImportReport:
    from timbral.raw.importing import import_path  # noqa: PLC0415  the steps don't pay for it

    with tempfile.TemporaryDirectory(dir=services.scratch) as folder:
        path = Path(folder) / key.rsplit("/", 1)[-1]
        services.objects.fetch(key, path)
        return import_path(
            services.tables,
            path,
            listener=listener,
            progress=Silent(),
            now_uts=int(time.time()),
            clock_s=time.monotonic,
            layout=layout,
        )


def _in_inbox(root: str, created: ObjectCreated) -> tuple[str, str | None]:
    """Return an object's key below the root, and whose listening it is."""
    inbox = f"{root}/{INBOX}/"
    *listener, file = created.address.removeprefix(inbox).split("/")
    is_inside = created.address.startswith(inbox) and len(listener) <= 1 and all(listener)
    if not is_inside or not {".", ".."}.isdisjoint([*listener, file]):
        found, wanted = created.address, f"{inbox}<listener>/<file>"
        msg = f"the event's field 'detail.object.key' means {found!r}; it must be {wanted}"
        raise InvalidInput(msg, "detail.object.key")
    return "/".join([INBOX, *listener, file]), listener[0] if listener else None
