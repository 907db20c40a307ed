"""What a table is: one declaration that checks rows, gives the Arrow schema and the documentation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from timbral.errors import ContractBroken

if TYPE_CHECKING:
    import pyarrow as pa

Provenance = Literal["listener", "lastfm", "spotify", "aoty", "catalogue", "timbral"]
Mode = Literal["append", "snapshot"]
_VECTOR = re.compile(r"vector<(\d+)>")


@dataclass(frozen=True)
class Column:
    """One column, its meaning and what a value must be.

    Attributes:
        name: Snake case, with the unit as suffix where there is one.
        type: ``string``, ``int64``, ``float32``, ``float64``, ``bool``, ``list<string>``,
            ``list<float32>``, ``list<int64>`` or ``vector<N>``.
        meaning: One sentence.
        required: Whether null is refused; a required text may not be empty either.
        minimum: Smallest allowed number.
        maximum: Largest allowed number.
        longest: Most characters that a text may have.
        choices: The only texts allowed.
        provenance: Who the value comes from, where it isn't the table's own provenance.
    """

    name: str
    type: str
    meaning: str
    required: bool = True
    minimum: float | None = None
    maximum: float | None = None
    longest: int | None = None
    choices: tuple[str, ...] = ()
    provenance: Provenance | None = None

    def arrow_type(self) -> pa.DataType:
        """Return the Arrow type.

        Raises:
            ContractBroken: The declared type is unknown.
        """
        import pyarrow as pa  # noqa: PLC0415  importing it costs 90 ms, and not every function needs it

        if vector := _VECTOR.fullmatch(self.type):
            return pa.list_(pa.float32(), int(vector[1]))
        simple: dict[str, pa.DataType] = {
            "string": pa.string(),
            "int64": pa.int64(),
            "float32": pa.float32(),
            "float64": pa.float64(),
            "bool": pa.bool_(),
            "list<string>": pa.list_(pa.string()),
            "list<float32>": pa.list_(pa.float32()),
            "list<int64>": pa.list_(pa.int64()),
        }
        if self.type not in simple:
            msg = f"column {self.name!r} is declared with the unknown type {self.type!r}"
            raise ContractBroken(msg)
        return simple[self.type]

    def field(self) -> pa.Field:
        """Return the Arrow field; its metadata carries the meaning into every Parquet file."""
        import pyarrow as pa  # noqa: PLC0415  as above

        return pa.field(self.name, self.arrow_type(), not self.required, {"meaning": self.meaning})


@dataclass(frozen=True)
class Table:
    """A table of the store.

    Attributes:
        name: Unique within the store.
        stage: The stage that writes it.
        meaning: One sentence.
        columns: In order.
        key: The columns that tell one row from another.
        mode: ``append`` tables grow by parts, and of one key's rows the latest counts;
            ``snapshot`` tables are written whole, each time as a function of their inputs.
        provenance: Who the values come from.
        order: For ``append``: the column whose highest value is the latest.
        removal: For ``append``: the column that is true in a row which says that its key is no more.
    """

    name: str
    stage: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    mode: Mode
    provenance: Provenance
    order: str | None = None
    removal: str | None = None

    def column(self, name: str) -> Column:
        """Return one column.

        Raises:
            ContractBroken: There is none of that name.
        """
        for column in self.columns:
            if column.name == name:
                return column
        msg = f"table {self.name!r} has no column {name!r}; it has {', '.join(self.column_names)}"
        raise ContractBroken(msg)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema, with the table's meaning in its metadata."""
        import pyarrow as pa  # noqa: PLC0415  as above

        metadata = {"table": self.name, "meaning": self.meaning, "provenance": self.provenance}
        return pa.schema([column.field() for column in self.columns], metadata)

    @property
    def prefix(self) -> str:
        """The key under which the table's objects lie."""
        return f"{self.stage}/{self.name}"
