"""Reading the Arrow files of a release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from timbral.errors import ContractBroken

if TYPE_CHECKING:
    from pathlib import Path


def read_arrow(path: Path, schema: pa.Schema) -> pa.Table:
    """Read a file whole.

    Args:
        path: The file.
        schema: What it must hold.

    Raises:
        ContractBroken: It can't be read or holds something else.
    """
    try:
        with pa.memory_map(str(path)) as file:
            found = pa.ipc.open_file(file).read_all()
            return _completed(found, schema).cast(schema)
    except (pa.ArrowInvalid, ValueError, KeyError, OSError) as error:
        msg = f"file {path.name!r} of a release can't be read: {error}"
        raise ContractBroken(msg) from error


def _completed(found: pa.Table, schema: pa.Schema) -> pa.Table:
    """Add what files of before lack and needn't have, as nulls, and put the columns in order."""
    for field in schema:
        if field.nullable and field.name not in found.column_names:
            found = found.append_column(field, pa.nulls(found.num_rows, field.type))
    return found.select(schema.names)
