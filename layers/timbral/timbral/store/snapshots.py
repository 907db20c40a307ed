"""A table at one moment: the parts that make it up, named by their digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from timbral.digests import digest_json
from timbral.errors import ContractBroken


@dataclass(frozen=True)
class Part:
    """One immutable Parquet object.

    Attributes:
        key: Its name in the store.
        rows_count: How many rows it holds.
    """

    key: str
    rows_count: int


@dataclass(frozen=True)
class Snapshot:
    """The parts of a table at one moment.

    Attributes:
        table: The table's name.
        parts: In order.
        inputs: Fingerprint of all that the rows were computed from; empty for append tables.
    """

    table: str
    parts: tuple[Part, ...]
    inputs: str = ""

    @property
    def id(self) -> str:
        """Digest of the parts: two snapshots of one id hold the same rows."""
        return digest_json([self.table, [part.key for part in self.parts]])

    @property
    def rows_count(self) -> int:
        """Rows in all the parts; in an append table a key may be there more than once."""
        return sum(part.rows_count for part in self.parts)

    def dump(self) -> bytes:
        """Write the snapshot as JSON."""
        parts = [{"key": part.key, "rows": part.rows_count} for part in self.parts]
        return orjson.dumps({"table": self.table, "inputs": self.inputs, "parts": parts})


def load_snapshot(data: bytes) -> Snapshot:
    """Read a snapshot from its JSON.

    Raises:
        ContractBroken: It is none.
    """
    try:
        found: dict[str, Any] = orjson.loads(data)
        parts = tuple(Part(part["key"], part["rows"]) for part in found["parts"])
        return Snapshot(found["table"], parts, found["inputs"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        msg = f"a snapshot can't be read: {error}"
        raise ContractBroken(msg) from error
