"""One file's rows into the store: sifted, rid of duplicates, cut into parts."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from timbral.raw.chunk import Chunk, sift
from timbral.raw.duplicates import Seen
from timbral.raw.report import FileReport
from timbral.raw.tally import Tally

if TYPE_CHECKING:
    from timbral.progress import Progress
    from timbral.raw.ports import RawTables
    from timbral.store.quarantine import Reject
    from timbral.tables.declaration import Table

PART_ROWS = 250_000
_PART_REJECTS = 20_000


@dataclass
class _Waiting:
    """Rows and rejects of one table on their way to its next part."""

    rows: list[pa.Table] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    rows_count: int = 0
    parts_count: int = 0


class Intake:
    """Takes in one file.

    A part's name is a function of the file's content and the part's number, so that an import that
    was killed is done again and writes the same bytes.

    Args:
        tables: The store.
        name: What the file is called.
        key: What the parts' names begin with.
        progress: Told of rows.
    """

    def __init__(self, tables: RawTables, name: str, key: str, progress: Progress) -> None:
        self._tables = tables
        self._name = name
        self._key = key
        self._progress = progress
        self._waiting: defaultdict[Table, _Waiting] = defaultdict(_Waiting)
        self._seen: dict[Table, Seen] = {}
        self._tallies: dict[Table, Tally] = {}
        self._listeners: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._kept: Counter[str] = Counter()
        self._quarantined: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()
        self._repairs: Counter[str] = Counter()

    def take(self, chunk: Chunk) -> None:
        """Take rows in."""
        self._progress.advance(chunk.read_count)
        self._counts["read"] += chunk.read_count
        self._counts["untimed"] += chunk.untimed_count
        self._counts["early"] += chunk.early_count
        self._left_out.update(chunk.left_out)
        self._repairs.update(chunk.repairs)
        table = chunk.outputs[0][0]
        good, rejects = sift(chunk, self._name)
        self._waiting[table].rejects += rejects
        if good.is_tallied:
            self._tally(table, good)
        else:
            self._keep(table, good)
        self._note_listeners(good)
        self._flush_full(table)

    def _tally(self, table: Table, chunk: Chunk) -> None:
        if table not in self._tallies:
            summed = "plays_count" if "plays_count" in table.column_names else "votes_count"
            self._tallies[table] = Tally(table, summed)
        self._tallies[table].add(chunk)
        self._counts["used"] += chunk.rows_count

    def _keep(self, table: Table, chunk: Chunk) -> None:
        seen = self._seen.setdefault(table, Seen(table.key))
        fresh = seen.fresh(chunk.outputs[0][1])
        new_count = int(fresh.sum())
        self._counts["duplicates"] += chunk.rows_count - new_count
        self._counts["used"] += new_count
        if new_count < chunk.rows_count:
            chunk = chunk.only(fresh)
        for output, rows in chunk.outputs:
            waiting = self._waiting[output]
            waiting.rows.append(rows)
            waiting.rows_count += rows.num_rows
            self._flush_full(output)

    def _note_listeners(self, chunk: Chunk) -> None:
        rows = chunk.outputs[0][1]
        if "listener_id" in rows.column_names:
            self._listeners.update(pc.unique(rows.column("listener_id")).to_pylist())

    def _flush_full(self, table: Table) -> None:
        waiting = self._waiting[table]
        if waiting.rows_count >= PART_ROWS or len(waiting.rejects) >= _PART_REJECTS:
            self._flush(table)

    def _flush(self, table: Table) -> None:
        waiting = self._waiting[table]
        if not waiting.rows and not waiting.rejects:
            return
        rows = pa.concat_tables(waiting.rows) if waiting.rows else _no_rows(table)
        part = f"{self._key}-{waiting.parts_count:05d}"
        appended = self._tables.append(table, rows, part, waiting.rejects, self._name)
        self._kept[table.name] += appended.rows_count
        self._quarantined.update(appended.quarantined)
        self._waiting[table] = _Waiting(parts_count=waiting.parts_count + 1)

    def finish(self, format_name: str, listener: str | None, broken: str | None) -> FileReport:
        """Write what is left, and say what became of all."""
        for table, tally in self._tallies.items():
            duplicates_count = tally.duplicates_count()
            self._counts["duplicates"] += duplicates_count
            self._counts["used"] -= duplicates_count
            for rows in tally.results(PART_ROWS):
                self._waiting[table].rows.append(rows)
                self._waiting[table].rows_count += rows.num_rows
                self._flush_full(table)
        for table in list(self._waiting):
            self._flush(table)
        return FileReport(
            file=self._name,
            format=format_name,
            listener=listener,
            rows_read=self._counts["read"],
            rows_used=self._counts["used"],
            rows_kept={name: count for name, count in self._kept.items() if count},
            duplicates=self._counts["duplicates"],
            duplicates_are_exact=all(seen.is_exact for seen in self._seen.values()),
            untimed=self._counts["untimed"],
            early=self._counts["early"],
            quarantined=dict(self._quarantined.most_common()),
            left_out=dict(self._left_out),
            repairs=dict(self._repairs),
            listeners_count=len(self._listeners),
            broken=broken,
        )

    def close(self) -> None:
        """Let go of memory and disk."""
        for tally in self._tallies.values():
            tally.close()


def _no_rows(table: Table) -> pa.Table:
    return pa.table({c.name: pa.array([], c.arrow_type()) for c in table.columns})
