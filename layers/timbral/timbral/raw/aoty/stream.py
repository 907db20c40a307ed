"""Albums and reviews from a stream: a batch of one partition into rows, poison and all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from timbral.digests import digest_text
from timbral.raw.aoty.documents import chunks_of
from timbral.raw.chunk import sift
from timbral.raw.files.objects import Objects
from timbral.store.quarantine import Reject, shorten

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence

    from timbral.raw.ports import RawTables


@dataclass(frozen=True)
class Stream:
    """One partition of a topic."""

    topic: str
    partition: int

    @property
    def name(self) -> str:
        """What places in it are named after."""
        return f"{self.topic}-{self.partition}"


@dataclass(frozen=True)
class StreamRecord:
    """A record.

    Attributes:
        offset: Its place in the partition.
        written_at_uts: When it was written, in Unix seconds: what a document that doesn't say is as old as.
        value: An album, a review, or a list of them as JSON; None for a tombstone.
        flaw: Why the value couldn't even be had.
    """

    offset: int
    written_at_uts: int
    value: bytes | None
    flaw: str | None = None


def take_records(
    tables: RawTables, stream: Stream, records: Sequence[StreamRecord], kept: Counter[str]
) -> list[tuple[Reject, StreamRecord]]:
    """Take a batch in.

    The parts are named after topic, partition and offsets, so that a batch that comes again writes the same
    bytes to the same place; one that was cut otherwise writes rows of the same keys, of which one counts.

    Args:
        tables: The store.
        stream: Where the records come from.
        records: In the order of their offsets.
        kept: Counts rows by table.

    Returns:
        What was refused, why, and the record that it came from.
    """
    if not records:
        return []
    found, poison = _opened(stream, records)
    first, last = records[0].offset, records[-1].offset
    part = f"kafka-{digest_text(stream.topic)[:16]}-{stream.partition:05d}-{first:020d}-{last:020d}"
    refused = list(poison)
    for number, chunk in enumerate(chunks_of(found)):
        good, rejects = sift(chunk, stream.name)
        refused += rejects
        rejects = [*poison, *rejects] if number == 0 else rejects
        for table, rows in good.outputs:
            if rows.num_rows or rejects:
                kept[table.name] += tables.append(table, rows, part, rejects, stream.name).rows_count
    by_offset = {record.offset: record for record in records}
    return [(reject, by_offset[int(reject.where.rpartition(":")[2])]) for reject in refused]


def _opened(stream: Stream, records: Sequence[StreamRecord]) -> tuple[Objects, list[Reject]]:
    found, poison = Objects(), []
    for record in records:
        flaw = record.flaw or _add(found, record)
        if flaw:
            shown = shorten((record.value or b"").decode("utf-8", "replace"))
            poison.append(Reject(f"{stream.name}:{record.offset}", "", flaw, "", shown))
    return found, poison


def _add(found: Objects, record: StreamRecord) -> str | None:
    """Take a record's documents in, or say why not."""
    if record.value is None:
        return None  # a tombstone: albums and reviews aren't taken back
    try:
        value: Any = orjson.loads(record.value)
    except orjson.JSONDecodeError:
        return "is no JSON"
    documents = value if isinstance(value, list) else [value]
    if not all(isinstance(document, dict) for document in documents):
        return "is JSON, but neither an object nor a list of objects"
    for document in documents:
        dated = {"observed_at_uts": record.written_at_uts} | document
        found.add(dated, record.offset, "")
    return None
