"""What became of the rows of imported files."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class FileReport:
    """What became of one file.

    ``rows_read`` is the sum of ``rows_used``, ``duplicates`` and the values of ``quarantined`` and
    ``left_out``.

    Attributes:
        file: What it is called.
        format: Its layout.
        listener: Who listened, as the caller or the file's name says; None if the rows say it.
        rows_read: Rows in the file.
        rows_used: Rows that are in the tables, alone or within a count.
        rows_kept: Rows written, by table; plays without times are summed, so these are fewer than used.
        duplicates: Rows that were the same play, or the same fact, as an earlier one of the file.
        duplicates_are_exact: False if the file is so long that far-apart duplicates were not counted.
        untimed: Plays without a time.
        early: Plays with a time before 2002, which can't be right; they count as plays without a time.
        quarantined: Rows set aside, by field and reason.
        left_out: Rows that are no tracks, by kind.
        repairs: What was mended, and how often.
        listeners_count: Different listeners in the file.
        broken: How the file broke off, if it did; the rows before are in.
        was_known: Whether the same content had been taken in before, so that nothing was read.
        seconds: How long it took.
    """

    file: str
    format: str
    listener: str | None = None
    rows_read: int = 0
    rows_used: int = 0
    rows_kept: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    duplicates_are_exact: bool = True
    untimed: int = 0
    early: int = 0
    quarantined: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    repairs: dict[str, int] = field(default_factory=dict)
    listeners_count: int = 0
    broken: str | None = None
    was_known: bool = False
    seconds: float = 0.0

    def receipt(self) -> dict[str, Any]:
        """Return it as JSON values, without what differs from run to run."""
        return asdict(replace(self, seconds=0.0, was_known=False))


@dataclass(frozen=True)
class ImportReport:
    """What became of a path.

    Attributes:
        files: The files that were read.
        unrecognised: Why each other file was not, by name.
        seconds: How long it took.
    """

    files: tuple[FileReport, ...]
    unrecognised: dict[str, str]
    seconds: float

    @property
    def rows_read(self) -> int:
        """Rows in all files."""
        return sum(file.rows_read for file in self.files)

    @property
    def rows_kept(self) -> dict[str, int]:
        """Rows written, by table."""
        return _summed(file.rows_kept for file in self.files)

    @property
    def duplicates(self) -> int:
        """Rows that repeated an earlier one of their file."""
        return sum(file.duplicates for file in self.files)

    @property
    def quarantined(self) -> dict[str, int]:
        """Rows set aside, by field and reason."""
        return _summed(file.quarantined for file in self.files)

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with whole files, a sentence each."""
        broken = [f"{file.file}: {file.broken}" for file in self.files if file.broken]
        return (*broken, *(f"{name} {why}" for name, why in self.unrecognised.items()))


def _summed(counts: Any) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(total.most_common())
