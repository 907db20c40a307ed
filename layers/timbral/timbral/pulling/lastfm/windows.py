"""Windows of time over a listener's history: what is asked next, and where a pull begins again.

All times are Unix seconds; a window holds its first second and not its last. Windows that are done lie side
by side, so that their end is the cursor: nothing before it is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WEEK_S = 604_800
MONDAY_S = 345_600  # 1970-01-05, the first Monday
ROLLING_S = 15 * 86_400
"""Last.fm takes plays that are up to two weeks late: what lies nearer than this is asked for again."""
MOST_ROWS = 4_000
FEW_ROWS = 1_000
SHORTEST_S = 3_600


@dataclass(frozen=True)
class Window:
    """A window that is done.

    Attributes:
        from_uts: Its first second.
        to_uts: The second after its last.
        total: Plays that the service counts in it.
        key: Where the answer that names its pages lies.
    """

    from_uts: int
    to_uts: int
    total: int
    key: str


def week_floor(uts: int) -> int:
    """Return the Monday before a moment."""
    return (uts - MONDAY_S) // WEEK_S * WEEK_S + MONDAY_S


def begin_at(windows: Sequence[Window], oldest_uts: int) -> int:
    """Say where a pull begins: at the beginning, or far enough back for plays that come late.

    Args:
        windows: What is done, side by side.
        oldest_uts: The oldest play of all.
    """
    if not windows:
        return week_floor(oldest_uts)
    return max(windows[0].from_uts, week_floor(windows[-1].to_uts - ROLLING_S))


def end_of(from_uts: int, span_s: int, until_uts: int) -> int:
    """Say where the next window ends.

    Weeks that will be asked for again are windows of their own: a later pull begins at one of their edges.

    Args:
        from_uts: Its first second.
        span_s: How long it may be.
        until_uts: Where the pull ends.
    """
    rolling_uts = week_floor(until_uts - ROLLING_S)
    end = min(from_uts + span_s, until_uts)
    if from_uts < rolling_uts:
        return min(end, rolling_uts)
    return min(end, week_floor(from_uts) + WEEK_S)


def span_after(span_s: int, total: int) -> int:
    """Say how long the next window may be, after one with so many plays."""
    if total > MOST_ROWS:
        return max(span_s // 2, SHORTEST_S)
    return span_s * 2 if total < FEW_ROWS else span_s


def put_window(windows: Sequence[Window], new: Window) -> list[Window]:
    """Put a window in place of those that it covers; what juts out on the right is asked for again later.

    Args:
        windows: What is done, side by side.
        new: Begins at an edge of theirs, or at their end.
    """
    kept = [window for window in windows if window.to_uts <= new.from_uts]
    beyond = [window for window in windows if window.from_uts >= new.to_uts]
    return [*kept, new, *beyond]


def overlapping(windows: Sequence[Window], from_uts: int, to_uts: int) -> list[Window]:
    """Return the windows that know of some of a time."""
    return [window for window in windows if window.from_uts < to_uts and from_uts < window.to_uts]
