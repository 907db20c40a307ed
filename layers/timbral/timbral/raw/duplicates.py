"""Rows of one file that were seen before in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

MOST_REMEMBERED = 32_000_000
"""Digests kept, 16 bytes each: 512 MB at most."""
_RUN_ROWS = 1_000_000


class Seen:
    """Remembers keys by a digest of 128 bits, the latest ``most`` of them.

    Up to that many rows duplicates are found exactly; of a longer file, those that lie further
    apart are left for the table, which shows one row a key anyway.

    Args:
        key: The columns that make a row the same.
        most: How many rows are remembered.
    """

    def __init__(self, key: Sequence[str], most: int = MOST_REMEMBERED) -> None:
        self._engine = duckdb.connect()
        self._engine.execute("SET threads = 1")
        columns = ", ".join(f'"{name}"' for name in key)
        turned = ", ".join(f'"{name}"' for name in reversed(key))
        self._sql = f"SELECT hash({columns}) AS first, hash('again', {turned}) AS second FROM rows"  # noqa: S608  declared names
        self._runs: list[tuple[np.ndarray, np.ndarray]] = []
        self._most_runs = max(1, most // _RUN_ROWS)
        self.is_exact = True

    def fresh(self, rows: pa.Table) -> np.ndarray:
        """Say which rows are new, and remember them.

        Args:
            rows: At least the key's columns.

        Returns:
            ``(n_rows,)`` true for the first row of each key.
        """
        self._engine.register("rows", rows)
        digests = self._engine.execute(self._sql).fetchnumpy()
        self._engine.unregister("rows")
        first, second = np.asarray(digests["first"]), np.asarray(digests["second"])
        order = np.lexsort((second, first))
        first, second = first[order], second[order]
        new = np.ones(len(first), bool)
        new[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
        for known_first, known_second in self._runs:
            new &= ~_held(first, second, known_first, known_second)
        self._remember(first[new], second[new])
        fresh = np.empty(len(first), bool)
        fresh[order] = new
        return fresh

    def _remember(self, first: np.ndarray, second: np.ndarray) -> None:
        if self._runs and len(self._runs[-1][0]) + len(first) <= _RUN_ROWS:
            last_first, last_second = self._runs.pop()
            first = np.concatenate([last_first, first])
            second = np.concatenate([last_second, second])
            order = np.lexsort((second, first))
            first, second = first[order], second[order]
        self._runs.append((first, second))
        if len(self._runs) > self._most_runs:
            del self._runs[0]
            self.is_exact = False


def _held(
    first: np.ndarray, second: np.ndarray, known_first: np.ndarray, known_second: np.ndarray
) -> np.ndarray:
    if not len(known_first):
        return np.zeros(len(first), bool)
    at = np.searchsorted(known_first, first)
    at[at == len(known_first)] = 0
    return np.asarray((known_first[at] == first) & (known_second[at] == second))
