"""Everything that is kept of one listener, to take out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from timbral.api.listeners.places import documents_of, inbox_of, tables_about_listeners
from timbral.api.listeners.port import Item
from timbral.core.engine_rows import count_of
from timbral.store.listeners import SEALED
from timbral.store.snapshots import Snapshot

if TYPE_CHECKING:
    from timbral.store.tables import Tables
    from timbral.tables.declaration import Table

_OWN = "listener_id = getvariable('listener')"


class Takeout:
    """Reads what is kept of listeners.

    Args:
        tables: The store's tables.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def page(self, listener_id: str, offset: int, limit: int) -> tuple[list[Item], int]:
        """Return a page of what is kept, tables first, in an order that stays; and how much there is."""
        items: list[Item] = []
        total_count = 0
        for table in tables_about_listeners():
            skipped, wanted = max(offset - total_count, 0), limit - len(items)
            found, count = self._rows(table, listener_id, skipped, wanted)
            items += found
            total_count += count
        documents = self._documents(listener_id)
        begun = max(offset - total_count, 0)
        items += documents[begun : begun + limit - len(items)]
        return items, total_count + len(documents)

    def _rows(self, table: Table, listener_id: str, offset: int, limit: int) -> tuple[list[Item], int]:
        known = self._tables.head(table) if table.mode == "snapshot" else self._tables.current(table)
        with self._tables.engine({"rows": (table, known or Snapshot(table.name, ()))}) as engine:
            engine.execute("SET VARIABLE listener = ?", [listener_id])
            count = count_of(engine, f"SELECT count(*) FROM rows WHERE {_OWN}")  # noqa: S608  the code's own
            order = f"ORDER BY {', '.join(table.key)} LIMIT {limit} OFFSET {offset}"
            query = f"SELECT * FROM rows WHERE {_OWN} {order}"  # noqa: S608  declared names and numbers
            rows = engine.sql(query).to_arrow_table().to_pylist() if limit else []
        return [Item(table.name, row) for row in rows], count

    def _documents(self, listener_id: str) -> list[Item]:
        objects = self._tables.objects
        keys = [key for key in documents_of(objects, listener_id) if f"/{SEALED}/" not in key]
        found = [Item("document", self._document(key)) for key in keys]
        files = [info for prefix in inbox_of(listener_id) for info in objects.list(prefix)]
        return found + [Item("file", {"name": info.key, "size_bytes": info.size_bytes}) for info in files]

    def _document(self, key: str) -> dict[str, Any]:
        try:
            return {"name": key, "content": orjson.loads(self._tables.objects.get(key))}
        except orjson.JSONDecodeError:
            return {"name": key}
