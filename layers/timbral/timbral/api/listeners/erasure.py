"""Erasing a listener: their rows in every version of every table, documents, files, and from what is served.

What only they have told goes too: tracks that nobody else mentions leave the tables and the release. What
other sources say of music, such as tags, stays: it is nobody's.
"""

from __future__ import annotations

import gzip
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from timbral.api.keeping import told_key
from timbral.api.listeners.places import (
    INBOX,
    RECEIPTS,
    documents_of,
    inbox_of,
    tables_about_listeners,
    tables_about_tracks,
)
from timbral.api.listeners.port import Receipt
from timbral.api.listeners.receipts import keep_receipt, mark_erased, receipt_id
from timbral.api.listeners.rewriting import OnlyTheirs, only_theirs, rewrite_landed, rewrite_published
from timbral.pulling.connections import connection_keys
from timbral.recommender.redaction import redact
from timbral.stage import STAGES
from timbral.store.checkpoints import UNFINISHED
from timbral.store.listeners import listener_prefix
from timbral.store.quarantine import QUARANTINE
from timbral.store.releases import RELEASES
from timbral.store.versions import NoVersions
from timbral.tables.core import TRACK_MATCHES

if TYPE_CHECKING:
    from pathlib import Path

    from timbral.store.objects import Objects
    from timbral.store.releases import Releases
    from timbral.store.tables import Tables
    from timbral.store.versions import Versions

FACTORS = f"recommender/{UNFINISHED}"
"""Where training keeps listeners' factors until it is done."""


@dataclass
class _Count:
    rows: Counter[str] = field(default_factory=Counter)
    objects_count: int = 0


class Erasure:
    """Erases listeners.

    Args:
        tables: The store's tables.
        releases: The store's releases.
        scratch: A local folder.
        versions: What the store keeps of what was deleted or replaced.
    """

    def __init__(
        self, tables: Tables, releases: Releases, scratch: Path, versions: Versions | None = None
    ) -> None:
        self._tables = tables
        self._releases = releases
        self._scratch = scratch
        self._versions = versions or NoVersions()
        self._objects: Objects = tables.objects

    def erase(self, listener_id: str, now_uts: int) -> Receipt:
        """Erase everything of one listener; whoever was killed at it does it again.

        The mark comes first: from then on no release answers for them. Raw rows come before what is
        computed from them, so that nothing that runs meanwhile computes them anew.

        Args:
            listener_id: The listener.
            now_uts: The present, or when it was asked for: the receipt is named after it.

        Returns:
            The receipt, which is kept below ``api/receipts/``.
        """
        done = _Count()
        mark_erased(self._objects, self._releases, listener_id, now_uts)
        alone = self._alone(listener_id)
        staying = {told_key(listener_id), alone_key(listener_id)}
        self._delete([key for key in documents_of(self._objects, listener_id) if key not in staying], done)
        self._erase_files(listener_id, done)
        self._erase_rows(listener_id, alone, done)
        gone = redact(self._releases, self._scratch / "redaction", listener_id, alone.track_ids, now_uts)
        done.objects_count += gone
        self._objects.delete([alone_key(listener_id)])
        done.objects_count += sum(self._versions.forget(place) for place in _places(listener_id))
        rows = {name: count for name, count in sorted(done.rows.items()) if count}
        receipt = Receipt(receipt_id(listener_id, now_uts), now_uts, rows, done.objects_count)
        keep_receipt(self._objects, receipt)
        return receipt

    def _alone(self, listener_id: str) -> OnlyTheirs:
        """Find what only they told, and keep it: a second try can't see it once their rows are gone."""
        found = only_theirs(self._tables, listener_id)
        before = self._objects.get_tagged(alone_key(listener_id))
        if before is not None:
            known = OnlyTheirs(**orjson.loads(before[0]))
            found = OnlyTheirs(
                sorted({*found.spelling_ids, *known.spelling_ids}),
                sorted({*found.track_ids, *known.track_ids}),
            )
        self._objects.put(alone_key(listener_id), orjson.dumps(found))
        return found

    def _delete(self, keys: list[str], done: _Count) -> None:
        self._objects.delete(keys)
        done.objects_count += len(keys)

    def _erase_files(self, listener_id: str, done: _Count) -> None:
        own = [info.key for prefix in inbox_of(listener_id) for info in self._objects.list(prefix)]
        shared = [
            info.key
            for info in self._objects.list(INBOX)
            if info.key not in own and self._names(info.key, listener_id)
        ]
        receipts = [info.key for info in self._objects.list(RECEIPTS) if self._names(info.key, listener_id)]
        imports = {key.rsplit("/", 1)[-1].removesuffix(".json") for key in receipts}
        self._delete([*own, *shared, *receipts, *(info.key for info in self._objects.list(FACTORS))], done)
        for info in list(self._objects.list(QUARANTINE)):
            if any(info.key.rsplit("/", 1)[-1].startswith(name) for name in imports):
                self._delete([info.key], done)
            else:
                self._sift_quarantine(info.key, listener_id, done)

    def _sift_quarantine(self, key: str, listener_id: str, done: _Count) -> None:
        data = self._objects.get(key)
        if not _mentions(data, listener_id):
            return
        lines = data.splitlines(keepends=True)
        kept = [line for line in lines if not _mentions(line, listener_id)]
        self._objects.put(key, b"".join(kept)) if kept else self._objects.delete([key])
        done.rows[QUARANTINE] += len(lines) - len(kept)

    def _names(self, key: str, listener_id: str) -> bool:
        data = self._objects.get(key)
        if data[:2] == b"\x1f\x8b":
            try:
                data = gzip.decompress(data)
            except (OSError, EOFError):
                return False
        return _mentions(data, listener_id)

    def _erase_rows(self, listener_id: str, alone: OnlyTheirs, done: _Count) -> None:
        landed = [table for table in tables_about_listeners() if table.mode == "append"]
        for table in landed:
            done.rows[table.name] += rewrite_landed(self._tables, table, listener_id)
        for table in tables_about_listeners():
            if table.mode == "snapshot":
                done.rows[table.name] += rewrite_published(self._tables, table, "listener_id", [listener_id])
        for table in tables_about_tracks():
            name, values = "track_id", alone.track_ids
            if table == TRACK_MATCHES:
                name, values = "spelling_id", alone.spelling_ids
            done.rows[table.name] += rewrite_published(self._tables, table, name, values)


def alone_key(listener_id: str) -> str:
    """Return where ids of what only they told are kept while they are being erased."""
    return f"{listener_prefix('api', listener_id)}/erasure.json"


def _places(listener_id: str) -> list[str]:
    """Return the prefixes below which something of theirs may have been, before now too.

    What was compacted or vacuumed weeks ago has their rows as well, and a try that was killed may have
    deleted what this one doesn't find: so all that is not current goes, whosever it was.
    """
    tables = [*tables_about_listeners(), *tables_about_tracks()]
    documents = [f"{listener_prefix(stage, listener_id)}/" for stage in STAGES]
    whole = [INBOX, RECEIPTS, QUARANTINE, RELEASES, FACTORS, *(table.prefix for table in tables)]
    return documents + connection_keys(listener_id) + [f"{prefix}/" for prefix in whole]


def _mentions(data: bytes, listener_id: str) -> bool:
    escaped = orjson.dumps(listener_id)[1:-1]
    return listener_id.encode("utf-8", "surrogatepass") in data or escaped in data
