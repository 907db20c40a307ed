"""What has landed into tables: files of the inbox, kept answers, dumps of albums, and records of a stream.

Everything may come more than once, in any order, together with what can't be read. What can't ever be read
goes to the dead letters with its reason, so that nobody waits behind it; what failed for the store's sake is
left to whoever sent it, to be sent again.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import BaseModel, Field

from timbral.errors import ContractBroken, InvalidRequest, NotFound
from timbral.operations import inbox
from timbral.operations.events import ObjectCreated, parsed, read_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from timbral.dead_letters import DeadLetters
    from timbral.raw.aoty.stream import StreamRecord
    from timbral.wiring import Services

FINAL = (InvalidRequest, NotFound, ContractBroken)
"""What is wrong with a message itself, and would be wrong again."""

_ANSWER = re.compile(r"raw/(?:listeners/[0-9a-f]{32}/)?answers/[a-z]+/[\w.-]+/[\w.-]+\.json")
_DUMP = re.compile(r"raw/dumps/aoty/(?:[^/]+/)*[^/]+")


class KafkaRecord(BaseModel):
    """A record as Lambda hands it over; the value is base64, or null for a tombstone."""

    offset: int = Field(ge=0)
    timestamp: int = Field(0, ge=0)
    value: str | None = None


class KafkaEvent(BaseModel):
    """Records by ``topic-partition``, from a managed or an own cluster."""

    records: dict[str, list[KafkaRecord]]


def load_message(services: Services, body: str) -> dict[str, Any]:
    """Take in what one message of the queue tells of.

    Args:
        services: Settings and adapters.
        body: The message: EventBridge's "Object Created".

    Returns:
        What became of it; ``set_aside`` is the reason why nothing did.

    Raises:
        TimbralError: It failed, and there is no dead-letter queue or it may go well the next time.
    """
    try:
        return load_object(services, parsed(body))
    except FINAL as error:
        if services.dead_letters is None:
            raise
        services.dead_letters.send(body, f"{type(error).__name__}: {error}")
        return {"set_aside": str(error)}


def load_object(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """Take in an object that has landed: what it is, is said by where it lies.

    Raises:
        InvalidInput: It lies nowhere that is taken in from, or can't be read.
        NotFound: It is gone.
        ContractBroken: It is an answer that nobody reads.
    """
    created = read_event(ObjectCreated, event)
    key = created.address.removeprefix(f"{services.objects.root}/")
    if key == created.address:
        return inbox.take_file(services, created)  # it says what is wrong
    if _ANSWER.fullmatch(key):
        return _load_answer(services, key)
    if _DUMP.fullmatch(key) and not {".", ".."} & set(key.split("/")):
        return inbox.take_dump(services, created, key)
    return inbox.take_file(services, created)


def _load_answer(services: Services, key: str) -> dict[str, Any]:
    from timbral.raw.answers.loading import load_answer  # noqa: PLC0415  only who needs it pays for it

    loaded = load_answer(services.tables, key)
    return {"rows_kept": loaded.rows_kept, "quarantined": loaded.quarantined}


def load_records(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """Take in albums and reviews that a Kafka stream brings.

    A record that can't be taken is set aside with its reason, in quarantine and, where there is one, in the
    dead-letter queue; the partition goes on behind it.

    Args:
        services: Settings and adapters.
        event: Lambda's event of a Kafka event source; see `KafkaEvent`.

    Returns:
        Rows kept by table, rows set aside by reason, and how many records there were.

    Raises:
        InvalidInput: The event is none of Kafka's.
        StoreError: The store failed; the stream brings the same records again.
    """
    from timbral.raw.aoty.stream import Stream, take_records  # noqa: PLC0415  only who needs it pays for it

    kept: Counter[str] = Counter()
    set_aside: Counter[str] = Counter()
    records_count = 0
    for name, records in sorted(read_event(KafkaEvent, event).records.items()):
        topic, _, partition = name.rpartition("-")
        stream = Stream(topic or name, int(partition) if partition.isdigit() else 0)
        opened = [_opened(record) for record in sorted(records, key=lambda one: one.offset)]
        records_count += len(opened)
        for reject, record in take_records(services.tables, stream, opened, kept):
            set_aside[reject.kind] += 1
            _send_away(services.dead_letters, stream, record, f"{reject.where}: {reject.kind}")
    return {"records_count": records_count, "rows_kept": dict(kept), "set_aside": dict(set_aside)}


def _opened(record: KafkaRecord) -> StreamRecord:
    from timbral.raw.aoty.stream import StreamRecord  # noqa: PLC0415  as above

    try:
        value = None if record.value is None else base64.b64decode(record.value, validate=True)
    except binascii.Error:
        return StreamRecord(record.offset, record.timestamp // 1_000, b"", "is no base64")
    return StreamRecord(record.offset, record.timestamp // 1_000, value)


def _send_away(letters: DeadLetters | None, stream: Any, record: StreamRecord, reason: str) -> None:
    if letters is not None:
        body = {"topic": stream.topic, "partition": stream.partition, "offset": record.offset}
        text = (record.value or b"").decode("utf-8", "replace")
        letters.send(orjson.dumps(body | {"value": text}).decode(), reason)
