"""Vectors as Arrow holds them, a list a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from timbral.errors import ContractBroken

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


def dense(lists: pa.ChunkedArray) -> NDArray[np.float32]:
    """Turn lists of one length into ``(n, d)`` floats.

    Raises:
        ContractBroken: The lists differ in length.
    """
    if not len(lists):
        return np.zeros((0, 0), dtype=np.float32)
    flat = pc.list_flatten(lists).to_numpy()
    if len(flat) % len(lists) or pc.min(pc.list_value_length(lists)).as_py() * len(lists) != len(flat):
        msg = "vectors of one table differ in length"
        raise ContractBroken(msg)
    vectors: NDArray[np.float32] = flat.reshape(len(lists), -1).astype(np.float32, copy=False)
    return vectors
