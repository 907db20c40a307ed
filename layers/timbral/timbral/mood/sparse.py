"""Rows that are zero nearly everywhere, on numpy alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]
Doubles: TypeAlias = npt.NDArray[np.float64]
Wholes: TypeAlias = npt.NDArray[np.int64]


def coarsen(values: Floats) -> Floats:
    """Round to 16 significant bits.

    LightGBM keeps thresholds midway between inputs as doubles, ONNX as floats; between inputs that are
    neighbouring floats a rounded threshold would fall on one of them and send it the other way.

    Args:
        values: Finite floats of any shape.
    """
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    rounded = (bits + np.uint32(0x80)) & np.uint32(0xFFFFFF00)
    coarse: Floats = rounded.view(np.float32)
    return coarse


@dataclass(frozen=True)
class SparseRows:
    """Compressed sparse rows; a zero means that nothing is known.

    Attributes:
        starts: ``(n_rows + 1,)`` where each row's values begin.
        columns: ``(n_values,)`` column of each value.
        values: ``(n_values,)`` never zero.
        width: Number of columns.
    """

    starts: Wholes
    columns: Wholes
    values: Floats
    width: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def rows(self) -> Wholes:
        """``(n_values,)`` row of each value."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def first(self, width: int) -> SparseRows:
        """Return the rows with only their first columns."""
        kept = self.columns < width
        counts = np.bincount(self.rows[kept], minlength=len(self))
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return SparseRows(starts, self.columns[kept], self.values[kept], width)

    def times(self, weights: Floats) -> Doubles:
        """Multiply by ``(width, n_outputs)`` weights.

        Each row is summed by itself and in the order of its values, so that it comes out the same
        bit for bit whatever rows are beside it.
        """
        out = np.empty((len(self), weights.shape[1]), dtype=np.float64)
        rows = self.rows
        for output in range(weights.shape[1]):
            parts = self.values.astype(np.float64) * weights[self.columns, output]
            out[:, output] = np.bincount(rows, weights=parts, minlength=len(self))
        return out


def dense_times(rows: Floats, weights: Floats) -> Doubles:
    """Multiply ``(n_rows, d)`` by ``(d, n_outputs)``, each row the same bit for bit whatever is beside it.

    A BLAS product would sum a row in another order when the number of rows changes.
    """
    outputs = [(rows.astype(np.float64) * column).sum(axis=1) for column in weights.T.astype(np.float64)]
    return np.stack(outputs, axis=1) if outputs else np.zeros((len(rows), 0))
