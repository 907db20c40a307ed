"""What readers of answers make: rows for tables, and what they refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from timbral.raw.answers.envelope import StoredAnswer

if TYPE_CHECKING:
    from timbral.store.quarantine import Reject
    from timbral.tables.declaration import Table

Fetch = Callable[[str], StoredAnswer]
"""Reads another kept answer by its key; an answer may be the list of those that belong together."""


@dataclass(frozen=True)
class Landing:
    """Rows for one table.

    Attributes:
        table: An ``append`` table.
        rows: Rows in any column order; the store sets those aside that break the declaration.
        rejects: What the reader itself refused, with its reason.
    """

    table: Table
    rows: pa.Table
    rejects: Sequence[Reject] = ()


Reader = Callable[[StoredAnswer, Fetch], Sequence[Landing]]
"""A pure function from an answer to rows. It never raises for a single bad row."""


def rows_of(table: Table, records: Sequence[dict[str, Any]]) -> pa.Table:
    """Return records as rows of the table's own types.

    Args:
        table: The declaration.
        records: Values by column; what is absent is null.
    """
    columns = {
        column.name: pa.array([record.get(column.name) for record in records], column.arrow_type())
        for column in table.columns
    }
    return pa.table(columns)


def no_rows(_answer: StoredAnswer, _fetch: Fetch) -> Sequence[Landing]:
    """Read an answer that is no row by itself."""
    return ()
