"""Fields of few rows of a table in memory, looked up where they lie.

Arrow's own taking copies and dispatches, column by column. What is scattered over memory waits for it, so
where the fields of a row begin stands side by side, and so do its numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from timbral.recommender.release.view import Rows

    Offsets = NDArray[np.int32]


class Texts:
    """Columns of texts, and of lists of texts of which there are few different ones.

    Args:
        texts: Columns of texts; a null reads as an empty one.
        lists: Columns of lists, as long as those.
    """

    def __init__(self, texts: Sequence[pa.StringArray], lists: Sequence[pa.ListArray]) -> None:
        words = [column.values.dictionary_encode() for column in lists]
        self._letters = [memoryview(column.buffers()[2] or b"") for column in texts]
        self._words: list[tuple[memoryview, Callable[[int], str]]] = [
            (memoryview(encoded.indices.to_numpy()), encoded.dictionary.to_pylist().__getitem__)
            for encoded in words
        ]
        starts = [_text_starts(column) for column in texts] + [column.offsets.to_numpy() for column in lists]
        self._starts: Offsets = np.stack(starts, axis=1)

    def of(self, rows: Rows) -> list[list[Any]]:
        """Return the texts and the lists of some rows, column by column."""
        begins, ends = self._starts[rows].T.tolist(), self._starts[rows + 1].T.tolist()
        found: list[list[Any]] = []
        for letters, begin, end in zip(self._letters, begins, ends, strict=False):
            spans = zip(begin, end, strict=True)
            found.append([str(letters[start:stop], "utf-8") for start, stop in spans])
        for (codes, word), begin, end in zip(
            self._words, begins[len(found) :], ends[len(found) :], strict=True
        ):
            spans = zip(begin, end, strict=True)
            found.append([tuple(map(word, codes[start:stop].tolist())) for start, stop in spans])
        return found


class Numbers:
    """Columns of numbers that 32 bits hold.

    Args:
        columns: The columns; a null reads as 0.
    """

    def __init__(self, columns: Sequence[pa.Array]) -> None:
        self._values = np.stack(
            [column.fill_null(0).to_numpy().astype(np.float32) for column in columns], axis=1
        )

    def of(self, rows: Rows) -> list[list[float]]:
        """Return the numbers of some rows, column by column."""
        numbers: list[list[float]] = self._values[rows].T.tolist()
        return numbers


def _text_starts(column: pa.StringArray) -> Any:
    starts = column.buffers()[1]
    if starts is None or not len(column):
        return np.zeros(len(column) + 1, np.int32)
    return np.frombuffer(starts, np.int32)[column.offset : column.offset + len(column) + 1]
