"""What the importers' tests share: a store in memory, and one import told briefly."""

import itertools
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from timbral.progress import Silent
from timbral.raw.importing import import_path
from timbral.store.quarantine import count_reasons, sift
from timbral.store.tables import Appended

NOW_UTS = 1_700_000_000
HEADER = "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid"


@dataclass
class MemoryTables:
    """Parts and receipts in dictionaries; it checks rows as the store does."""

    parts: dict = field(default_factory=dict)
    rejects: dict = field(default_factory=dict)
    receipts: dict = field(default_factory=dict)
    fails_after: int = 1_000_000

    def append(self, table, rows, part, rejects=(), where=""):
        if len(self.parts) >= self.fails_after:
            raise ConnectionError("killed")
        good, bad = sift(table, rows, where)
        self.parts[table.name, part] = good
        self.rejects[table.name, part] = [*rejects, *bad]
        return Appended(good.num_rows, count_reasons([*rejects, *bad]))

    def note_heard(self, listener_id, tracks):
        self.heard = {listener_id: list(tracks)}

    def receipt(self, name):
        return self.receipts.get(name)

    def put_receipt(self, name, receipt):
        self.receipts[name] = dict(receipt)

    def rows(self, table_name, *columns):
        """Rows of a table, in the order of parts, as tuples of some columns."""
        found = [rows for (name, _), rows in self.parts.items() if name == table_name]
        whole = pa.concat_tables(found).to_pylist() if found else []
        return [tuple(row[column] for column in columns) for row in whole]

    def all_rejects(self):
        return list(itertools.chain.from_iterable(self.rejects.values()))


def imported(path: Path, listener="ann", tables=None, now_uts=NOW_UTS):
    """Import a path; return the report and the store, and see that every row is accounted for."""
    tables = MemoryTables() if tables is None else tables
    seconds = itertools.count()
    report = import_path(
        tables,
        path,
        listener=listener,
        progress=Silent(),
        now_uts=now_uts,
        clock_s=lambda: float(next(seconds)),
    )
    for file in report.files:
        set_aside = sum(file.quarantined.values()) + sum(file.left_out.values())
        assert file.rows_read == file.rows_used + file.duplicates + set_aside
    return report, tables


def imported_text(folder: Path, text: str, name="export.csv", **options):
    """Write a file and import it; return its report and the store."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    report, tables = imported(path, **options)
    return report.files[0], tables
