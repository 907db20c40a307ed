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
_BITS = 28
_BYTE_OF = np.uint64(64 - _BITS + 3)
_BIT_OF = np.uint64(64 - _BITS)

Digests = tuple[np.ndarray, np.ndarray]


class Seen:
    """Remembers keys by a digest of 128 bits, the latest ``most`` of them.

    Up to that many rows duplicates are found exactly; of a longer file, those that lie further
    apart are left for the table, which shows one row a key anyway. A bitmap of 32 MB answers most
    questions; only what it can't rule out is looked up.

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
        self._bitmap = np.zeros(1 << (_BITS - 3), np.uint8)
        self._runs: list[Digests] = []
        self._most = most
        self._remembered = 0
        self.is_exact = True

    def fresh(self, rows: pa.Table) -> np.ndarray:
        """Say which rows are new, and remember them.

        Args:
            rows: At least the key's columns; the more at a time, the faster.

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
        byte, bit = first >> _BYTE_OF, np.uint8(1) << ((first >> _BIT_OF) & np.uint64(7)).astype(np.uint8)
        doubtful = np.flatnonzero(new & ((self._bitmap[byte] & bit) != 0))
        for run in self._runs:
            known = _held(first[doubtful], second[doubtful], run)
            new[doubtful[known]] = False
            doubtful = doubtful[~known]
        np.bitwise_or.at(self._bitmap, byte, bit)
        self._remember((first[new], second[new]))
        fresh = np.empty(len(first), bool)
        fresh[order] = new
        return fresh

    def _remember(self, digests: Digests) -> None:
        self._runs.append(digests)
        self._remembered += len(digests[0])
        while self._remembered > self._most and len(self._runs) > 1:
            self._remembered -= len(self._runs.pop(0)[0])
            self.is_exact = False


def _held(first: np.ndarray, second: np.ndarray, run: Digests) -> np.ndarray:
    known_first, known_second = run
    if not len(known_first):
        return np.zeros(len(first), bool)
    at = np.searchsorted(known_first, first)
    at[at == len(known_first)] = 0
    return np.asarray((known_first[at] == first) & (known_second[at] == second))
