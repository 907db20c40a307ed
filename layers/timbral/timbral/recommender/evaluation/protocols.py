"""Which part of the plays a model may see, and which part it must find."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from scipy import sparse

from timbral.errors import InvalidInput
from timbral.recommender.models.habits import play_weights
from timbral.recommender.models.interactions import (
    Interactions,
    entry_rows,
    heard,
    items_per_listener,
    most_played,
    to_csr,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from timbral.recommender.models.interactions import Csr, Indices

Protocol = Literal["holdout", "strong", "time"]

MIN_ITEMS = 5
TEST_SHARE = 0.2
NEWCOMER_SHARE = 0.1
SLICE_DAYS = 91  # three months
_DAY_S = 86_400


@dataclass(frozen=True)
class Split:
    """One division into what is learned from and what is asked for.

    Attributes:
        protocol: How it was made.
        train: What models are fitted to; all listeners and items keep their places.
        listeners: ``(n,)`` rows of those who are asked for, ascending.
        seen: ``(n, n_items)`` what each of them is scored from; never recommended again.
        test: ``(n, n_items)`` what must be found among all the rest.
        repeats: ``(n, n_items)`` what must be found where things seen count too; None without times.
        habits: ``(n, n_items)`` how used they are to each item seen, see `models.habits`; None without times.
        notes: The protocol's own figures, for the report.
    """

    protocol: Protocol
    train: Interactions
    listeners: Indices
    seen: Csr
    test: Csr
    repeats: Csr | None = None
    habits: Csr | None = None
    notes: dict[str, Any] = field(default_factory=dict)

    def hidden(self) -> Csr:
        """Return ``(n_listeners, n_items)`` everything asked for, in the places of all listeners."""
        asked = self.test if self.repeats is None else self.repeats
        rows = self.listeners[entry_rows(asked)]
        return to_csr(asked.data, rows, asked.indices, self.train.plays.shape)


def choose_protocol(interactions: Interactions) -> Protocol:
    """Choose ``time`` where somebody is known to have played before and after the cut, else ``holdout``."""
    if interactions.events is None:
        return "holdout"
    try:
        return "time" if np.diff(time_slice(interactions).test.indptr).any() else "holdout"
    except InvalidInput:
        return "holdout"


def split(interactions: Interactions, protocol: Protocol, seed: int, picks: int | None = None) -> Split:
    """Divide by the protocol of that name.

    Args:
        interactions: Everything.
        protocol: ``holdout``, ``strong`` or ``time``.
        seed: For what is drawn at random; ``time`` draws nothing.
        picks: With ``strong``: fold newcomers in from so many of their most played items.

    Raises:
        InvalidInput: There is no such protocol, or nobody is left to ask for.
    """
    makers: dict[str, Callable[[], Split]] = {
        "holdout": lambda: holdout(interactions, seed),
        "strong": lambda: strong(interactions, seed, picks),
        "time": lambda: time_slice(interactions),
    }
    if protocol not in makers:
        raise InvalidInput(f"protocol must be one of {get_args(Protocol)}, not {protocol!r}", "protocol")
    made = makers[protocol]()
    if not len(made.listeners):
        raise InvalidInput(f"the protocol {protocol!r} finds no listener with enough items to be evaluated")
    return made


def holdout(interactions: Interactions, seed: int, test_share: float = TEST_SHARE) -> Split:
    """Hide a share of the items of each listener with at least 5, drawn at random, rounded, at least one."""
    plays = interactions.plays
    asked = np.flatnonzero(items_per_listener(plays) >= MIN_ITEMS)
    tested = _drawn(plays, asked, test_share, np.random.default_rng(seed))
    train = interactions.with_plays(_entries(plays, ~tested))
    return Split("holdout", train, asked, train.plays[asked], _entries(plays, tested)[asked])


def strong(interactions: Interactions, seed: int, picks: int | None = None) -> Split:
    """Keep a tenth of the listeners out of training and fold them in from 80 % of their items.

    Args:
        interactions: Everything.
        seed: Of the draw of listeners and of items.
        picks: Fold in from so many of their most played items instead, each as one play: who is asked
            for favourites gives no counts. All others must be found.
    """
    plays = interactions.plays
    random = np.random.default_rng(seed)
    eligible = np.flatnonzero(items_per_listener(plays) >= max(MIN_ITEMS, (picks or 0) + 1))
    count = min(len(eligible), max(1, round(NEWCOMER_SHARE * len(eligible))))
    newcomers = np.sort(random.choice(eligible, count, replace=False))
    is_newcomer = np.zeros(plays.shape[0], dtype=bool)
    is_newcomer[newcomers] = True
    train = interactions.with_plays(_entries(plays, ~is_newcomer[entry_rows(plays)]))
    if picks is None:
        tested = _drawn(plays, newcomers, TEST_SHARE, random)
    else:
        tested = ~most_played(plays, picks) & (plays.data > 0)
    notes = {} if picks is None else {"picks": picks}
    seen, test = _entries(plays, ~tested)[newcomers], _entries(plays, tested)[newcomers]
    if picks is not None:
        seen = heard(seen)
    return Split("strong", train, newcomers, seen, test, notes=notes)


def time_slice(interactions: Interactions, slice_days: int = SLICE_DAYS) -> Split:
    """Hide everything that anybody played in the last three months: one cut in time for all.

    Raises:
        InvalidInput: The plays carry no times.
    """
    events = interactions.events
    if events is None or not len(events.at_uts):
        raise InvalidInput("the protocol 'time' needs plays with times; use 'holdout' or 'strong'")
    cut_uts = int(events.at_uts.max()) - slice_days * _DAY_S
    shape = interactions.plays.shape
    before, after = (
        to_csr(np.ones(int(part.sum()), np.float32), events.listeners[part], events.items[part], shape)
        for part in (events.at_uts <= cut_uts, events.at_uts > cut_uts)
    )
    new = after - after.multiply(heard(before)).tocsr()
    new.eliminate_zeros()
    asked = np.flatnonzero((items_per_listener(before) > 0) & (items_per_listener(after) > 0))
    train = interactions.with_plays(before)
    notes = {"cut_uts": cut_uts, "slice_days": slice_days}
    past = events.at_uts <= cut_uts
    weights = play_weights((cut_uts - events.at_uts[past]) / _DAY_S)
    habits = to_csr(weights, events.listeners[past], events.items[past], shape)
    return Split("time", train, asked, before[asked], new[asked], after[asked], habits[asked], notes)


def _drawn(plays: Csr, listeners: Indices, share: float, random: np.random.Generator) -> NDArray[np.bool_]:
    drawn = np.zeros(plays.nnz, dtype=bool)
    for row in listeners:
        start, end = plays.indptr[row], plays.indptr[row + 1]
        positive = start + np.flatnonzero(plays.data[start:end] > 0)
        drawn[random.choice(positive, max(1, round(share * len(positive))), replace=False)] = True
    return drawn


def _entries(plays: Csr, wanted: NDArray[np.bool_]) -> Csr:
    data, rows = plays.data[wanted], entry_rows(plays)[wanted]
    return sparse.csr_matrix((data, (rows, plays.indices[wanted])), shape=plays.shape)
