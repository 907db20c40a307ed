"""Who played what, as one sparse matrix with names on its edges."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from timbral.errors import InvalidInput

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]
Csr = Any  # scipy.sparse.csr_matrix: scipy ships no types


@dataclass(frozen=True)
class Events:
    """Single timed plays, in no particular order.

    Attributes:
        listeners: ``(n_events,)`` rows of the matrix.
        items: ``(n_events,)`` columns of the matrix.
        at_uts: ``(n_events,)`` seconds since 1970, UTC.
    """

    listeners: Indices
    items: Indices
    at_uts: Indices


@dataclass(frozen=True)
class Interactions:
    """Listeners, items and how often the ones played the others.

    Attributes:
        plays: ``(n_listeners, n_items)`` CSR float32 without stored zeros: plays are above zero,
            negative signals (skips, dislikes) below it.
        listener_ids: ``(n_listeners,)`` names of the rows.
        item_ids: ``(n_items,)`` names of the columns.
        events: The same plays one by one, where their times are known.
    """

    plays: Csr
    listener_ids: NDArray[Any]
    item_ids: NDArray[Any]
    events: Events | None = None

    @property
    def n_listeners(self) -> int:
        """Number of rows."""
        return int(self.plays.shape[0])

    @property
    def n_items(self) -> int:
        """Number of columns."""
        return int(self.plays.shape[1])

    def with_plays(self, plays: Csr) -> Interactions:
        """Return the same listeners and items with other plays, and no events."""
        return replace(self, plays=plays, events=None)


def from_counts(listeners: ArrayLike, items: ArrayLike, plays: ArrayLike) -> Interactions:
    """Build interactions from one row per listener and item; repeated pairs add up.

    Args:
        listeners: ``(n,)`` ids.
        items: ``(n,)`` ids.
        plays: ``(n,)`` counts; below zero for negative signals.

    Raises:
        InvalidInput: The lengths differ, or a count isn't finite.
    """
    listener_ids, rows = np.unique(np.asarray(listeners), return_inverse=True)
    item_ids, columns = np.unique(np.asarray(items), return_inverse=True)
    counts = np.asarray(plays, dtype=np.float32)
    if not len(rows) == len(columns) == len(counts):
        raise InvalidInput(
            f"listeners, items and plays must be of one length, "
            f"not {len(rows)}, {len(columns)} and {len(counts)}"
        )
    if not np.isfinite(counts).all():
        raise InvalidInput("plays must be finite numbers")
    shape = (len(listener_ids), len(item_ids))
    return Interactions(to_csr(counts, rows, columns, shape), listener_ids, item_ids)


def from_events(listeners: ArrayLike, items: ArrayLike, at_uts: ArrayLike) -> Interactions:
    """Build interactions from single timed plays.

    Args:
        listeners: ``(n,)`` ids.
        items: ``(n,)`` ids.
        at_uts: ``(n,)`` seconds since 1970, UTC.

    Raises:
        InvalidInput: The lengths differ.
    """
    times = np.asarray(at_uts, dtype=np.int64)
    counted = from_counts(listeners, items, np.ones(len(times), dtype=np.float32))
    rows = np.searchsorted(counted.listener_ids, np.asarray(listeners))
    columns = np.searchsorted(counted.item_ids, np.asarray(items))
    return replace(counted, events=Events(rows, columns, times))


def to_csr(values: Floats, rows: Indices, columns: Indices, shape: tuple[int, int]) -> Csr:
    """Make the one form of matrix used here: CSR float32, summed, sorted, without stored zeros."""
    matrix = sparse.csr_matrix((np.asarray(values, np.float32), (rows, columns)), shape=shape)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return matrix


def entry_rows(matrix: Csr) -> Indices:
    """Return the row of each stored entry, ``(nnz,)``."""
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def heard(plays: Csr) -> Csr:
    """Return the same matrix with 1 for each play count above zero and nothing else."""
    positive = plays.copy()
    positive.data = (plays.data > 0).astype(np.float32)
    positive.eliminate_zeros()
    return positive


def listeners_per_item(plays: Csr) -> Indices:
    """Count how many listeners played each item, ``(n_items,)``."""
    return np.bincount(plays.indices[plays.data > 0], minlength=plays.shape[1])


def items_per_listener(plays: Csr) -> Indices:
    """Count how many items each listener played, ``(n_listeners,)``."""
    return np.bincount(entry_rows(plays)[plays.data > 0], minlength=plays.shape[0])


def most_played(plays: Csr, count: int) -> NDArray[np.bool_]:
    """Mark each listener's most played items, ties by item.

    Args:
        plays: ``(n_listeners, n_items)``.
        count: Of how many items at most.

    Returns:
        ``(nnz,)`` which of the stored entries; never one that isn't above zero.
    """
    order = np.lexsort((plays.indices, -plays.data, entry_rows(plays)))
    place = np.arange(plays.nnz) - plays.indptr[entry_rows(plays)]
    marked = np.zeros(plays.nnz, dtype=bool)
    marked[order[place < count]] = True
    return np.asarray(marked & (plays.data > 0))


def dense_part(interactions: Interactions, min_items: int, min_listeners: int) -> Interactions:
    """Keep listeners with enough items and items with enough listeners, until nothing changes.

    Args:
        interactions: All of them.
        min_items: Items that a listener must have played.
        min_listeners: Listeners that an item must have.

    Returns:
        What is left, possibly nothing; events are left out.
    """
    plays, listener_ids, item_ids = interactions.plays, interactions.listener_ids, interactions.item_ids
    while True:
        rows = items_per_listener(plays) >= min_items
        plays, listener_ids = plays[rows], listener_ids[rows]
        columns = listeners_per_item(plays) >= min_listeners
        plays, item_ids = plays[:, columns].tocsr(), item_ids[columns]
        if rows.all() and columns.all():
            return Interactions(plays, listener_ids, item_ids)
