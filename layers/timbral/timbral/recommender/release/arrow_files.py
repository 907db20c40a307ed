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
            return pa.ipc.open_file(file).read_all().cast(schema)
    except (pa.ArrowInvalid, OSError) as error:
        msg = f"file {path.name!r} of a release can't be read: {error}"
        raise ContractBroken(msg) from error
