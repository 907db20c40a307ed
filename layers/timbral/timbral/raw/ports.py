"""What the importers need of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from timbral.store.quarantine import Reject
    from timbral.store.seeds import HeardTrack
    from timbral.store.tables import Appended
    from timbral.tables.declaration import Table


class RawTables(Protocol):
    """Takes in parts of tables, and notes which inputs were taken in whole."""

    def append(
        self, table: Table, rows: pa.Table, part: str, rejects: Sequence[Reject] = (), where: str = ""
    ) -> Appended:
        """Write one immutable part; done again it writes the same bytes to the same place."""

    def receipt(self, name: str) -> dict[str, Any] | None:
        """Return what was noted of an input, or None."""

    def put_receipt(self, name: str, receipt: Mapping[str, Any]) -> None:
        """Note that an input was taken in whole."""


class ImportTables(RawTables, Protocol):
    """Takes in whole files, and what they tell of one listener for the next request."""

    def note_heard(self, listener_id: str, tracks: Sequence[HeardTrack]) -> None:
        """Note what a listener plays, so that the next request knows it; again, it changes nothing."""
