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
Outputs = list[tuple["Table", pa.Table]]


@dataclass
class _Waiting:
    """Rows and rejects on their way to the next part, under the first of the tables they are for."""

    chunks: list[Chunk] = field(default_factory=list)
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
        waiting = self._waiting[table]
        waiting.rejects += rejects
        if good.is_tallied:
            self._tally(table, good)
        else:
            waiting.chunks.append(good)
            waiting.rows_count += good.rows_count
        self._note_listeners(good)
        if waiting.rows_count >= PART_ROWS or len(waiting.rejects) >= _PART_REJECTS:
            self._flush(table)

    def _tally(self, table: Table, chunk: Chunk) -> None:
        if table not in self._tallies:
            summed = "plays_count" if "plays_count" in table.column_names else "votes_count"
            self._tallies[table] = Tally(table, summed)
        self._tallies[table].add(chunk)
        self._counts["used"] += chunk.rows_count

    def _note_listeners(self, chunk: Chunk) -> None:
        rows = chunk.outputs[0][1]
        if "listener_id" in rows.column_names:
            self._listeners.update(pc.unique(rows.column("listener_id")).to_pylist())

    def _flush(self, table: Table) -> None:
        waiting = self._waiting.pop(table)
        outputs = _joined(waiting.chunks) or [(table, _no_rows(table))]
        if waiting.chunks:
            outputs = self._without_duplicates(outputs)
        rejects: list[Reject] = waiting.rejects
        for output, rows in outputs:
            self._append(output, rows, waiting.parts_count, rejects)
            rejects = []
        self._waiting[table].parts_count = waiting.parts_count + 1

    def _without_duplicates(self, outputs: Outputs) -> Outputs:
        table, rows = outputs[0]
        if table not in self._seen:
            self._seen[table] = Seen(table.key)
        fresh = self._seen[table].fresh(rows)
        new_count = int(fresh.sum())
        self._counts["used"] += new_count
        self._counts["duplicates"] += len(fresh) - new_count
        if new_count == len(fresh):
            return outputs
        mask = pa.array(fresh)
        return [(output, rows.filter(mask)) for output, rows in outputs]

    def _append(self, table: Table, rows: pa.Table, number: int, rejects: list[Reject]) -> None:
        if not rows.num_rows and not rejects:
            return
        appended = self._tables.append(table, rows, f"{self._key}-{number:05d}", rejects, self._name)
        self._kept[table.name] += appended.rows_count
        self._quarantined.update(appended.quarantined)

    def finish(self, format_name: str, listener: str | None, broken: str | None) -> FileReport:
        """Write what is left, and say what became of all."""
        for table in list(self._waiting):
            self._flush(table)
        for table, tally in self._tallies.items():
            duplicates_count = tally.duplicates_count()
            self._counts["duplicates"] += duplicates_count
            self._counts["used"] -= duplicates_count
            first = self._waiting[table].parts_count
            for number, rows in enumerate(tally.results(PART_ROWS), start=first):
                self._append(table, rows, number, [])
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


def _joined(chunks: list[Chunk]) -> Outputs:
    if not chunks:
        return []
    return [
        (table, pa.concat_tables([chunk.outputs[at][1] for chunk in chunks]))
        for at, (table, _) in enumerate(chunks[0].outputs)
    ]


def _no_rows(table: Table) -> pa.Table:
    return pa.table({c.name: pa.array([], c.arrow_type()) for c in table.columns})
