"""Rows held against their table's declaration, a column at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from timbral.errors import ContractBroken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timbral.tables.declaration import Column, Table


@dataclass(frozen=True)
class Fault:
    """Rows that break one rule of one column.

    Attributes:
        column: The column's name.
        reason: Why the rows are refused, and what is allowed.
        rows: ``(n_rows,)`` Boolean, true where the rule is broken.
    """

    column: str
    reason: str
    rows: pa.Array


def conform(table: Table, rows: pa.Table) -> pa.Table:
    """Put rows into the table's own column order and types; absent optional columns become null.

    Args:
        table: The declaration.
        rows: Any columns, in any order.

    Returns:
        Rows of exactly the declared schema, nullable for now (`faults` finds the nulls).

    Raises:
        ContractBroken: A column is unknown, missing though required, or of a type that can't be cast.
    """
    unknown = set(rows.column_names) - set(table.column_names)
    if unknown:
        msg = f"rows for {table.name!r} have columns that it doesn't declare: {', '.join(sorted(unknown))}"
        raise ContractBroken(msg)
    arrays = [_typed(table, column, rows) for column in table.columns]
    fields = [pa.field(column.name, column.arrow_type()) for column in table.columns]
    return pa.table(arrays, schema=pa.schema(fields))


def _typed(table: Table, column: Column, rows: pa.Table) -> pa.ChunkedArray | pa.Array:
    if column.name not in rows.column_names:
        if column.required:
            msg = f"rows for {table.name!r} lack the required column {column.name!r}"
            raise ContractBroken(msg)
        return pa.nulls(rows.num_rows, column.arrow_type())
    try:
        return rows.column(column.name).cast(column.arrow_type())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        msg = f"column {column.name!r} of {table.name!r} can't be read as {column.type}: {error}"
        raise ContractBroken(msg) from error


def faults(table: Table, rows: pa.Table) -> list[Fault]:
    """Find the rows that break the declaration.

    Args:
        table: The declaration.
        rows: As `conform` returns them.

    Returns:
        The broken rules, in the order of the columns; none if every row is good.
    """
    return [fault for column in table.columns for fault in _column_faults(column, rows.column(column.name))]


def _column_faults(column: Column, values: pa.ChunkedArray) -> Iterator[Fault]:
    for reason, broken in _rules(column, values):
        rows = pc.fill_null(broken, False)  # noqa: FBT003  pyarrow's own signature
        if pc.any(rows).as_py():
            yield Fault(column.name, reason, rows)


def _rules(column: Column, values: pa.ChunkedArray) -> Iterator[tuple[str, pa.Array]]:
    if column.required:
        yield "is missing", pc.is_null(values, nan_is_null=pa.types.is_floating(values.type))
    if pa.types.is_string(values.type):
        yield from _text_rules(column, values)
    elif pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
        if column.minimum is not None:
            yield f"is below {column.minimum:g}", pc.less(values, column.minimum)
        if column.maximum is not None:
            yield f"is above {column.maximum:g}", pc.greater(values, column.maximum)


def _text_rules(column: Column, values: pa.ChunkedArray) -> Iterator[tuple[str, pa.Array]]:
    if column.required:
        yield "is empty", pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(values)), 0)
    if column.longest is not None:
        yield (
            f"is longer than {column.longest} characters",
            pc.greater(pc.utf8_length(values), column.longest),
        )
    if column.choices:
        allowed = pa.array(column.choices)
        wrong = pc.and_(pc.is_valid(values), pc.invert(pc.is_in(values, value_set=allowed)))
        yield f"is none of {', '.join(column.choices)}", wrong
