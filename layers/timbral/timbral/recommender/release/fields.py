"""Fields of few rows of a column in memory: looked up where Arrow's own taking copies and dispatches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from timbral.recommender.release.view import Rows

    Offsets = NDArray[np.int32]


class Numbers:
    """A column of numbers.

    Args:
        column: The column.
    """

    def __init__(self, column: pa.Array) -> None:
        self._known = _known(column)
        self._values = column.fill_null(0).to_numpy()

    def of(self, rows: Rows) -> list[Any]:
        """Return the values of some rows, None where there is none."""
        return _or_none(self._values[rows].tolist(), self._known, rows)


class Texts:
    """A column of texts.

    Args:
        column: The column.
    """

    def __init__(self, column: pa.StringArray) -> None:
        self._known = _known(column)
        _, starts, letters = column.buffers()
        self._starts: Offsets = np.frombuffer(starts or bytes(4), np.int32)[column.offset :]
        self._letters = memoryview(letters or b"")

    def of(self, rows: Rows) -> list[Any]:
        """Return the texts of some rows, None where there is none."""
        letters = self._letters
        spans = zip(self._starts[rows].tolist(), self._starts[rows + 1].tolist(), strict=True)
        return _or_none([str(letters[start:end], "utf-8") for start, end in spans], self._known, rows)


class Words:
    """A column of lists of texts, of which there are few different ones.

    Args:
        column: The column, without nulls.
    """

    def __init__(self, column: pa.ListArray) -> None:
        encoded = column.values.dictionary_encode()
        self._starts: Offsets = column.offsets.to_numpy()
        self._codes = encoded.indices.to_numpy()
        self._words: list[str] = encoded.dictionary.to_pylist()

    def of(self, rows: Rows) -> list[tuple[str, ...]]:
        """Return the lists of some rows."""
        words, codes = self._words, self._codes
        spans = zip(self._starts[rows].tolist(), self._starts[rows + 1].tolist(), strict=True)
        return [tuple([words[code] for code in codes[start:end].tolist()]) for start, end in spans]


def field_of(column: pa.Array) -> Numbers | Texts | Words:
    """Return the reader of a column of numbers, texts or lists of texts."""
    if pa.types.is_list(column.type):
        return Words(column)
    return Texts(column) if pa.types.is_string(column.type) else Numbers(column)


def _known(column: pa.Array) -> NDArray[np.bool_] | None:
    if not column.null_count:
        return None
    known: NDArray[np.bool_] = column.is_valid().to_numpy(zero_copy_only=False)
    return known


def _or_none(values: list[Any], known: NDArray[np.bool_] | None, rows: Rows) -> list[Any]:
    if known is None:
        return values
    return [value if there else None for value, there in zip(values, known[rows].tolist(), strict=True)]
