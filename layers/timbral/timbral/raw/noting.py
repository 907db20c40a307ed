"""What a file or an answer tells of its one listener, noted for the next request besides the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from timbral.store.seeds import HeardTrack
from timbral.tables.raw import USER_SCROBBLES_RAW, USER_TRACKS_RAW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from timbral.raw.ports import RawTables
    from timbral.store.quarantine import Reject
    from timbral.store.tables import Appended
    from timbral.tables.declaration import Table


class Noting:
    """Hands everything on to the tables, and remembers which tracks were played.

    Args:
        tables: The store.
    """

    def __init__(self, tables: RawTables) -> None:
        self._tables = tables
        self._heard: dict[tuple[str, str], tuple[int, int]] = {}

    def append(
        self, table: Table, rows: pa.Table, part: str, rejects: Sequence[Reject] = (), where: str = ""
    ) -> Appended:
        """Write a part; see `RawTables.append`."""
        if table in {USER_SCROBBLES_RAW, USER_TRACKS_RAW} and rows.num_rows:
            self._remember(table, rows)
        return self._tables.append(table, rows, part, rejects, where)

    def _remember(self, table: Table, rows: pa.Table) -> None:
        timed = table == USER_SCROBBLES_RAW
        if timed and rows.column("was_removed").null_count < rows.num_rows:
            rows = rows.filter(pc.fill_null(pc.invert(rows.column("was_removed")), fill_value=True))
        sums = ("scrobbled_at_uts", "max") if timed else ("plays_count", "sum")
        grouped = rows.group_by(["artist", "track"]).aggregate([sums, ([], "count_all")])
        numbers = grouped.column("_".join(sums)).to_pylist()
        counts = grouped.column("count_all").to_pylist() if timed else numbers
        names = zip(grouped.column("artist").to_pylist(), grouped.column("track").to_pylist(), strict=True)
        for name, number, count in zip(names, numbers, counts, strict=True):
            if name[0] and name[1] and count:
                plays, last = self._heard.get(name, (0, 0))
                self._heard[name] = (plays + count, max(last, number) if timed else last)

    def heard(self) -> list[HeardTrack]:
        """Return the tracks played."""
        return [HeardTrack(*name, plays, last) for name, (plays, last) in self._heard.items()]

    def receipt(self, name: str) -> dict[str, Any] | None:
        """Return what was noted of an input; see `RawTables.receipt`."""
        return self._tables.receipt(name)

    def put_receipt(self, name: str, receipt: Mapping[str, Any]) -> None:
        """Note that an input was taken in whole; see `RawTables.put_receipt`."""
        self._tables.put_receipt(name, receipt)
