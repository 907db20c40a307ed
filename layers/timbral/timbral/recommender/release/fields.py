"""Fields of few rows of a table in memory, looked up where they lie.

Arrow's own taking copies and dispatches, column by column, and what is scattered over memory waits for it. So
all texts of a row lie side by side, and so do its numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.recommender.release.view import Rows

_FIELD_END, _WORD_END = "\x1f", "\x1e"
"""Unicode's own separators of units and records; no text that is shown has them."""


class Texts:
    """Columns of texts, and of lists of words.

    Args:
        texts: Columns of texts; a null reads as an empty one, a separator of Unicode's as a space.
        lists: Columns of lists, as long as those; no word is empty.
    """

    def __init__(self, texts: Sequence[pa.StringArray], lists: Sequence[pa.ListArray]) -> None:
        fields = [_plain(column).cast(pa.large_string()) for column in texts]
        fields += [_joined(column).cast(pa.large_string()) for column in lists]
        # pyarrow's joining takes the separator last.
        whole = pc.binary_join_element_wise(
            *fields, pa.scalar(_FIELD_END, pa.large_string()), null_handling="replace", null_replacement=""
        )
        self._texts_count = len(texts)
        self._starts = np.frombuffer(whole.buffers()[1], np.int64)
        self._letters = memoryview(whole.buffers()[2] or b"")

    def of(self, rows: Rows) -> list[list[Any]]:
        """Return the texts and then the lists of some rows, row by row."""
        letters, count = self._letters, self._texts_count
        found: list[list[Any]] = []
        for begin, end in zip(self._starts[rows].tolist(), self._starts[rows + 1].tolist(), strict=True):
            fields: list[Any] = str(letters[begin:end], "utf-8").split(_FIELD_END)
            fields[count:] = [tuple(words.split(_WORD_END)) if words else () for words in fields[count:]]
            found.append(fields)
        return found


class Numbers:
    """Columns of numbers.

    Args:
        columns: The columns; a null reads as 0.
        digits: So many behind the point are kept.
    """

    def __init__(self, columns: Sequence[pa.Array], digits: int) -> None:
        values = [column.fill_null(0).to_numpy().astype(np.float64) for column in columns]
        self._values = np.round(np.stack(values, axis=1), digits)

    def of(self, rows: Rows) -> list[list[float]]:
        """Return the numbers of some rows, row by row."""
        numbers: list[list[float]] = self._values[rows].tolist()
        return numbers


def _joined(lists: pa.ListArray) -> pa.StringArray:
    return pc.binary_join(pa.ListArray.from_arrays(lists.offsets, _plain(lists.values)), _WORD_END)


def _plain(texts: pa.StringArray) -> pa.StringArray:
    """Put spaces for the separators, where there are any."""
    for separator in (_FIELD_END, _WORD_END):
        if (np.frombuffer(texts.buffers()[2] or b"", np.uint8) == ord(separator)).any():
            texts = pc.replace_substring(texts, separator, " ")
    return texts
