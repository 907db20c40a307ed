"""Events, held against what they must be, and the snapshots that they pin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from timbral.errors import ContractBroken, InvalidInput, NotFound

if TYPE_CHECKING:
    from timbral.store.snapshots import Snapshot
    from timbral.store.tables import Tables
    from timbral.wiring import Services

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


def parsed(body: str) -> dict[str, Any]:
    """Return what a queue's message says.

    Raises:
        InvalidInput: It is no JSON, or no object.
    """
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"the message is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise InvalidInput(f"the message is JSON, but no object: {type(found).__name__}")
    return found
