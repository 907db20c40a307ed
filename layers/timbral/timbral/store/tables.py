"""The tables of a store: parts are appended or published, snapshots are pinned and read."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from timbral.digests import digest_bytes, digest_json
from timbral.errors import ContractBroken, NotFound
from timbral.store.compaction import current_parts, put_in_place
from timbral.store.engine import EngineLimits, create_view, open_engine, stream
from timbral.store.parts import encode_part, part_name, part_rows_count, read_parts, regroup
from timbral.store.quarantine import Reject, count_reasons, set_aside, sift
from timbral.store.seeds import note_heard
from timbral.store.snapshots import Part, Snapshot, load_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import duckdb
    import pyarrow as pa

    from timbral.store.compaction import CurrentParts
    from timbral.store.objects import Objects
    from timbral.store.seeds import HeardTrack
    from timbral.tables.declaration import Table

RECEIPTS = "raw/imports"
_COMPACTED_ROWS = 500_000


@dataclass(frozen=True)
class Appended:
    """What became of rows that were handed over.

    Attributes:
        rows_count: Good rows, written.
        quarantined: Bad rows by reason, set aside.
    """

    rows_count: int
    quarantined: dict[str, int] = field(default_factory=dict)


class Tables:
    """All tables below one root.

    Args:
        objects: The object store.
        scratch: A local folder for parts that must be files, and for queries that spill.
        limits: What a query may use.
    """

    def __init__(self, objects: Objects, scratch: Path, limits: EngineLimits | None = None) -> None:
        self.objects = objects
        self.scratch = scratch
        self._limits = limits or EngineLimits()

    def append(
        self, table: Table, rows: pa.Table, part: str, rejects: Sequence[Reject] = (), where: str = ""
    ) -> Appended:
        """Write one immutable part; done again it writes the same bytes to the same place.

        Args:
            table: An ``append`` table.
            rows: Rows in any column order; those that break the declaration are set aside.
            part: The part's name, a function of the input that the rows come from.
            rejects: Rows that the caller refused already.
            where: Where the rows come from, for naming bad ones.

        Raises:
            ContractBroken: The columns are not the table's, or the table is not an append table.
        """
        if table.mode != "append":
            msg = f"table {table.name!r} is published whole, rows can't be appended to it"
            raise ContractBroken(msg)
        good, bad = sift(table, rows, where or part)
        bad = [*rejects, *bad]
        if good.num_rows:
            self.objects.put(f"{table.prefix}/parts/{part_name(part, good.num_rows)}", encode_part(good))
        if bad:
            set_aside(self.objects, table, part, bad)
        return Appended(good.num_rows, count_reasons(bad))

    def current(self, table: Table) -> Snapshot:
        """Return the table as it is now, for reading at once.

        Raises:
            NotFound: The table is published whole and never was.
        """
        if table.mode == "append":
            return _listed(table, current_parts(self.objects, table))
        if head := self.head(table):
            return head
        msg = f"table {table.name!r} was never published in {self.objects.root}"
        raise NotFound(msg)

    def pin(self, table: Table) -> Snapshot:
        """Return the table as it is now and keep its id readable: whatever others write, it stays the same.

        Raises:
            NotFound: The table is published whole and never was.
        """
        snapshot = self.current(table)
        self._keep(table, snapshot)
        return snapshot

    def pinned(self, table: Table, snapshot_id: str) -> Snapshot:
        """Return a snapshot by its id.

        Raises:
            NotFound: There is none of that id.
        """
        return load_snapshot(self.objects.get(f"{table.prefix}/snapshots/{snapshot_id}.json"))

    def head(self, table: Table) -> Snapshot | None:
        """Return what was last published of a table, or None."""
        found = self.objects.get_tagged(f"{table.prefix}/head.json")
        return load_snapshot(found[0]) if found else None

    def published(self, table: Table, inputs: str) -> Snapshot | None:
        """Return what was last published if it was computed from these inputs in this shape, else None."""
        head = self.head(table)
        return head if head and head.inputs == _stamped(table, inputs) else None

    def publish(
        self, table: Table, batches: Iterable[pa.Table | pa.RecordBatch], inputs: str
    ) -> tuple[Snapshot, dict[str, int]]:
        """Write a snapshot table whole.

        Args:
            table: A ``snapshot`` table.
            batches: All its rows, sorted by its key.
            inputs: Fingerprint of all that the rows are computed from.

        Returns:
            The snapshot, and rows set aside by reason.
        """
        parts: list[Part] = []
        rejects: list[Reject] = []
        for number, rows in enumerate(regroup(batches)):
            good, bad = sift(table, rows, f"{table.name} part {number}")
            rejects += bad
            data = encode_part(good)
            part = Part(f"{table.prefix}/parts/{part_name(digest_bytes(data), good.num_rows)}", good.num_rows)
            if not self.objects.exists(part.key):
                self.objects.put(part.key, data)
            parts.append(part)
        if rejects:
            set_aside(self.objects, table, inputs, rejects)
        snapshot = Snapshot(table.name, tuple(parts), _stamped(table, inputs))
        self._keep(table, snapshot)
        self.objects.put(f"{table.prefix}/head.json", snapshot.dump())
        return snapshot, count_reasons(rejects)

    def _keep(self, table: Table, snapshot: Snapshot) -> None:
        self.objects.create(f"{table.prefix}/snapshots/{snapshot.id}.json", snapshot.dump())

    def paths(self, snapshot: Snapshot) -> list[Path]:
        """Return a local file a part; parts of a remote store are fetched once."""
        return [self._local(part.key) for part in snapshot.parts]

    def _local(self, key: str) -> Path:
        own = self.objects.local_path(key)
        if own is not None:
            return own
        copy = self.scratch / "parts" / key
        if not copy.exists():
            self.objects.fetch(key, copy)
        return copy

    def read(self, table: Table, snapshot: Snapshot, columns: list[str] | None = None) -> pa.Table:
        """Read a snapshot into memory: all rows of a published table, the latest of an append table.

        Raises:
            NotFound: A part was erased meanwhile.
        """
        if table.mode == "snapshot":
            return read_parts(self.paths(snapshot), table.schema, columns)
        wanted = ", ".join(columns or table.column_names)
        key = ", ".join(table.key)
        with self.engine({"rows": (table, snapshot)}) as engine:
            return engine.sql(f"SELECT {wanted} FROM rows ORDER BY {key}").to_arrow_table()  # noqa: S608  declared names

    @contextlib.contextmanager
    def engine(
        self,
        views: Mapping[str, tuple[Table, Snapshot]],
        *,
        latest: bool = True,
        with_removals: bool = False,
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open a query engine that sees snapshots under the names given.

        Args:
            views: ``{view: (table, snapshot)}``.
            latest: Whether append tables show one row a key; without it, every row of every part.
            with_removals: Whether rows that say that their key is no more are shown.
        """
        self.scratch.mkdir(parents=True, exist_ok=True)
        with open_engine(self.scratch, self._limits) as connection:
            for name, (table, snapshot) in views.items():
                only_latest = latest and table.mode == "append"
                create_view(
                    connection,
                    table,
                    self.paths(snapshot),
                    name=name,
                    latest=only_latest,
                    with_removals=with_removals,
                )
            yield connection

    def compact(self, table: Table) -> int:
        """Make few parts of an append table's many, of each key only the latest row.

        Returns:
            How many parts there are now.

        Raises:
            Conflict: Another compaction came first; nothing has changed.
        """
        seen = current_parts(self.objects, table)
        key = ", ".join(table.key)
        parts = []
        with self.engine({"rows": (table, _listed(table, seen))}, with_removals=True) as engine:
            ordered = stream(engine, f"SELECT * FROM rows ORDER BY {key}")  # noqa: S608  declared names
            for rows in regroup(ordered, _COMPACTED_ROWS):
                data = encode_part(rows.cast(table.schema))
                parts.append(f"{table.prefix}/compacted/{part_name(digest_bytes(data), rows.num_rows)}")
                self.objects.put(parts[-1], data)
        put_in_place(self.objects, table, seen, parts)
        return len(parts)

    def note_heard(self, listener_id: str, tracks: Sequence[HeardTrack]) -> None:
        """Note what a listener plays, so that the next request knows it; again, it changes nothing."""
        note_heard(self.objects, listener_id, "history", tracks)

    def receipt(self, name: str) -> dict[str, Any] | None:
        """Return what was noted when an input was taken in, or None if it never was."""
        found = self.objects.get_tagged(f"{RECEIPTS}/{name}.json")
        return dict(orjson.loads(found[0])) if found else None

    def put_receipt(self, name: str, receipt: Mapping[str, Any]) -> None:
        """Note that an input was taken in whole."""
        self.objects.put(f"{RECEIPTS}/{name}.json", orjson.dumps(dict(receipt), option=orjson.OPT_SORT_KEYS))


def _stamped(table: Table, inputs: str) -> str:
    """Digest inputs and the table's declared shape: rows of another shape are not the same output."""
    return digest_json([inputs, [[column.name, column.type] for column in table.columns]])


def _listed(table: Table, parts: CurrentParts) -> Snapshot:
    return Snapshot(table.name, tuple(Part(key, part_rows_count(key)) for key in parts.keys))
