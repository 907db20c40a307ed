"""Rows that were set aside, each with its reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import orjson

from timbral.tables.check import conform, faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from timbral.store.objects import Objects
    from timbral.tables.declaration import Table

QUARANTINE = "quarantine"
LONGEST_SHOWN = 500


@dataclass(frozen=True)
class Reject:
    """A row that was refused.

    Attributes:
        where: File and line, or object and place within it.
        field: The field at fault; empty if it is the whole row.
        reason: What is wrong, and what is allowed.
        value: The field's value, shortened.
        row: The row as text, shortened.
    """

    where: str
    field: str
    reason: str
    value: str
    row: str

    @property
    def kind(self) -> str:
        """Field and reason without the value: what the refusals are counted by."""
        return f"{self.field} {self.reason}".strip()


def shorten(value: Any) -> str:
    """Show a value in at most `LONGEST_SHOWN` characters."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def sift(table: Table, rows: pa.Table, where: str) -> tuple[pa.Table, list[Reject]]:
    """Part good rows from bad ones.

    Args:
        table: The declaration.
        rows: Rows, in any column order.
        where: Where they come from; a bad row is named by its number there, from 0.

    Returns:
        The good rows in the declared schema, and a reject a bad row (its first fault).

    Raises:
        ContractBroken: The columns themselves are not the table's.
    """
    import pyarrow as pa  # noqa: PLC0415  importing it costs 90 ms, and not every function needs it

    rows = conform(table, rows)
    rejects: dict[int, Reject] = {}
    for fault in faults(table, rows):
        for index, broken in enumerate(fault.rows.to_pylist()):
            if broken and index not in rejects:
                rejects[index] = _reject(rows, index, fault.column, fault.reason, where)
    if rejects:
        rows = rows.filter(pa.array([index not in rejects for index in range(rows.num_rows)]))
    return rows.cast(table.schema), [rejects[index] for index in sorted(rejects)]


def _reject(rows: pa.Table, index: int, column: str, reason: str, where: str) -> Reject:
    row = {name: rows.column(name)[index].as_py() for name in rows.column_names}
    return Reject(f"{where} row {index}", column, reason, shorten(row[column]), shorten(repr(row)))


def count_reasons(rejects: Sequence[Reject]) -> dict[str, int]:
    """Count rejects by their kind, the commonest first."""
    return dict(Counter(reject.kind for reject in rejects).most_common())


def set_aside(objects: Objects, table: Table, part: str, rejects: Sequence[Reject]) -> None:
    """Keep rejects under a key that is a function of the part they were meant for."""
    lines = b"".join(orjson.dumps(asdict(reject)) + b"\n" for reject in rejects)
    objects.put(f"{QUARANTINE}/{table.name}/{part}.jsonl", lines)


def read_quarantine(objects: Objects) -> Iterator[tuple[str, Reject]]:
    """Yield every reject with the name of the table that it was meant for."""
    for info in objects.list(QUARANTINE):
        table_name = info.key.split("/")[1]
        for line in objects.get(info.key).splitlines():
            yield table_name, Reject(**orjson.loads(line))
