"""What functions and jobs are told, and what they answer: events in, one step of the flow, pins out.

A step is told which snapshots to read (``{"pins": {table: snapshot id}}``) and answers with those and its
own. So a flow across machines is one run as it is on a laptop: nothing that others publish meanwhile gets
into it, and a step that is told the same again does nothing and answers the same.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from timbral import steps
from timbral.errors import ContractBroken, InvalidInput, NotFound
from timbral.progress import Silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from timbral.progress import Progress
    from timbral.raw.formats.format import Format
    from timbral.raw.report import ImportReport
    from timbral.stage import Pins, StageResult
    from timbral.store.releases import Manifest
    from timbral.store.snapshots import Snapshot
    from timbral.store.tables import Tables
    from timbral.wiring import Services

VACUUM_DAYS = 7
"""How long what nothing refers to any more is spared: longer than any run or reader takes."""
INBOX = "raw/inbox"
"""Objects below it are taken in as they land: ``raw/inbox/<listener>/<file>``, or without a listener."""

Event = TypeVar("Event", bound=BaseModel)
SnapshotId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class StepEvent(BaseModel):
    """What a step is told; whatever else stands in the event is for others.

    Attributes:
        pins: Snapshot ids by table; the first step needs none.
        run: The run's id, under which the step is logged.
        attempt: How often the step has been tried before in this run.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    pins: dict[str, SnapshotId] = {}
    run: str = Field("by-hand", min_length=1, max_length=200)
    attempt: int = Field(0, ge=0)


class ChunkEvent(StepEvent):
    """What a step is told that does a chunk of the work, while others do the others.

    Attributes:
        chunk: Which: a hexadecimal digit.
    """

    chunk: str = Field(pattern=r"^[0-9a-f]$")


class _Named(BaseModel):
    name: str = Field(min_length=1)


class _Keyed(BaseModel):
    key: str = Field(min_length=1)


class _Detail(BaseModel):
    bucket: _Named
    object: _Keyed


class ObjectCreated(BaseModel):
    """What EventBridge says of an object that S3 has stored; its key isn't percent-encoded.

    Attributes:
        id: The event's own id, under which taking the object in is logged.
        detail: Which object.
    """

    id: str = Field("by-hand", min_length=1, max_length=200)
    detail: _Detail

    @property
    def address(self) -> str:
        """The object's ``s3://`` address."""
        return f"s3://{self.detail.bucket.name}/{self.detail.object.key}"


class Pinned(Mapping[str, "Snapshot"]):
    """A run's snapshots, each read when a stage asks for it.

    Args:
        tables: The store.
        ids: Snapshot ids by table.
    """

    def __init__(self, tables: Tables, ids: dict[str, str]) -> None:
        self._tables = tables
        self.ids = ids
        self._found: dict[str, Snapshot] = {}

    def __getitem__(self, name: str) -> Snapshot:
        """Return a table's snapshot.

        Raises:
            InvalidInput: The event pins none, or there is no such table.
            NotFound: The store has no such snapshot.
        """
        if name not in self.ids:
            msg = f"the event has no field 'pins.{name}', a snapshot id of that table; the step reads it"
            raise InvalidInput(msg, f"pins.{name}")
        if name not in self._found:
            self._found[name] = self._read(name)
        return self._found[name]

    def _read(self, name: str) -> Snapshot:
        from timbral.tables.catalogue import table_named  # noqa: PLC0415  functions without tables don't pay for it

        try:
            return self._tables.pinned(table_named(name), self.ids[name])
        except ContractBroken as error:
            raise InvalidInput(f"the event's field 'pins.{name}': {error}", f"pins.{name}") from error
        except NotFound as error:
            raise NotFound(f"the event's field 'pins.{name}': {error}") from error

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids)

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, name: object) -> bool:
        return name in self.ids


def pinned(services: Services, event: Mapping[str, Any]) -> Pinned:
    """Return the snapshots that an event pins.

    Raises:
        InvalidInput: The event isn't what it must be; the message names the field.
    """
    return Pinned(services.tables, read_event(StepEvent, event).pins)


def run_step(
    services: Services, stage: str, event: Mapping[str, Any], progress: Progress | None = None
) -> dict[str, Any]:
    """Run one step of the flow over exactly the snapshots that an event pins.

    Args:
        services: Settings and adapters.
        stage: The step's word.
        event: See `StepEvent`.
        progress: Told of the work; nobody by default.

    Returns:
        ``pins``: those of the event and what the step published; ``report``: what it did.

    Raises:
        InvalidInput: The event isn't what it must be; the message names the field.
        NotFound: The store has not what the event names.
    """
    told = read_event(StepEvent, event)
    return _run_logged(services, told, stage, stage, steps.step_of(services, stage), progress=progress)


def encode_chunk(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """Encode one chunk of the pinned tracks' texts.

    Args:
        services: Settings and adapters.
        event: See `ChunkEvent`.

    Returns:
        As `run_step`; it publishes nothing.

    Raises:
        InvalidInput: The event isn't what it must be.
        NotFound: There is no encoder yet.
    """
    told = read_event(ChunkEvent, event)
    work = partial(steps.encode_chunk, services, chunk=told.chunk)
    return _run_logged(services, told, "embeddings", f"embeddings/{told.chunk}", work)


def _run_logged(
    services: Services,
    told: StepEvent,
    stage: str,
    name: str,
    work: Callable[[Pins, Progress], StageResult],
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    pins = Pinned(services.tables, told.pins)
    started_s = time.monotonic()
    with services.job_log(told.run, told.attempt).step(name) as outcome:
        outcome.inputs = pins.ids
        result = work(pins, progress or Silent())
        outcome.of_stage(result)
    published = dict(outcome.outputs)
    return {"pins": pins.ids | published, "report": _report(stage, result, time.monotonic() - started_s)}


def _report(stage: str, result: StageResult, elapsed_s: float) -> dict[str, Any]:
    return {
        "stage": stage,
        "rows_count": result.rows_count,
        "computed_count": result.computed_count,
        "reused_count": result.reused_count,
        "quarantined": result.quarantined,
        "notes": result.notes,
        "elapsed_s": round(elapsed_s, 3),
    }


def publish_release(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """Serve the release that was made of the pinned snapshots, if the gate let it through.

    A release that is served already stays so, and one that was gone back from stays withdrawn.

    Args:
        services: Settings and adapters.
        event: See `StepEvent`.

    Returns:
        ``pins`` as they were; ``report`` with the release, the gate's decision and what is served.

    Raises:
        InvalidInput: The event isn't what it must be.
        NotFound: No release was made of these snapshots.
    """
    told = read_event(StepEvent, event)
    with services.job_log(told.run, told.attempt).step("recommender/publish") as outcome:
        outcome.inputs = told.pins
        manifest = _release_of(services.releases.list(), told.pins)
        found = {"release": manifest.release, "served": services.releases.serve(manifest)}
        outcome.notes = found | {"decision": manifest.decision}
    report = {"stage": "recommender", **found, "decision": manifest.decision}
    return {"pins": told.pins, "report": report}


def monitor_releases(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """Look at the whole, and keep the job log and the tables' listings tidy.

    Args:
        services: Settings and adapters.
        event: See `StepEvent`.

    Returns:
        ``retrain_mood``, whether the tags have drifted too far; ``report`` with what was seen as ``gauges``.

    Raises:
        InvalidInput: The event isn't what it must be.
    """
    from timbral import watch  # noqa: PLC0415  it imports tables, which publishing alone doesn't need

    told = read_event(StepEvent, event)
    with services.job_log(told.run, told.attempt).step("recommender/monitor") as outcome:
        seen = watch.look(services, int(time.time()))
        outcome.notes = seen.gauges | {"files": watch.tidy_up(services)}
    return {"retrain_mood": seen.retrain_mood, "report": {"stage": "recommender", "gauges": seen.gauges}}


def vacuum_store(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """Delete what nothing has referred to for a week.

    Args:
        services: Settings and adapters.
        event: See `StepEvent`.

    Returns:
        ``report`` with how many objects were deleted, by table.

    Raises:
        InvalidInput: The event isn't what it must be.
    """
    from timbral import watch  # noqa: PLC0415  it imports tables, which publishing alone doesn't need

    told = read_event(StepEvent, event)
    with services.job_log(told.run, told.attempt).step("recommender/vacuum") as outcome:
        deleted = watch.vacuum_store(services, dt.datetime.now(dt.UTC), dt.timedelta(days=VACUUM_DAYS))
        outcome.notes = {"deleted": deleted}
    return {"report": {"stage": "recommender", "deleted": deleted, "computed_count": sum(deleted.values())}}


def _release_of(manifests: list[Manifest], pins: Mapping[str, str]) -> Manifest:
    """Choose the newest release whose tables are those pinned."""
    for manifest in manifests:
        tables = manifest.inputs.get("tables", {})
        if tables and all(pins.get(name) == snapshot for name, snapshot in tables.items()):
            return manifest
    msg = f"no release was made of the snapshots in the event's field 'pins' ({len(pins)} tables)"
    raise NotFound(msg)


def load_object(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """Take in a file that has landed in the inbox.

    Args:
        services: Settings and adapters.
        event: EventBridge's "Object Created" of S3; see `ObjectCreated`.

    Returns:
        What became of the file's rows; empty for the mark that a console makes for a folder. It names no
        listener: it is logged.

    Raises:
        InvalidInput: The object isn't below the store's inbox, or the file can't be read.
        NotFound: The object is gone.
    """
    created = read_event(ObjectCreated, event)
    key, listener = _in_inbox(services.objects.root, created)
    if key.endswith("/"):
        return {}
    return _take_file(services, created.id, key, listener)


def created_address(event: Mapping[str, Any]) -> str:
    """Return the address of an object that an event tells of.

    Raises:
        InvalidInput: The event isn't what it must be.
    """
    return read_event(ObjectCreated, event).address


def load_dump(services: Services, event: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Take in a dump of albums and reviews; see `load_object`."""
    from timbral.raw.aoty.dump import AOTY_DUMP  # noqa: PLC0415  the steps don't pay for it

    if key.endswith("/"):
        return {}
    return _take_file(services, read_event(ObjectCreated, event).id, key, None, AOTY_DUMP)


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


def read_event(model: type[Event], event: Mapping[str, Any]) -> Event:
    """Hold an event against what it must be.

    Raises:
        InvalidInput: It isn't; the message names the field.
    """
    try:
        return model.model_validate(event)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "the whole"
        msg = f"the event's field {name!r} is {first['input']!r}: {first['msg'][0].lower()}{first['msg'][1:]}"
        raise InvalidInput(msg, name) from error
