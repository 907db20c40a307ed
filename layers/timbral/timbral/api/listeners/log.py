"""Events into the table ``feedback``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pyarrow as pa

from timbral.digests import digest_json
from timbral.tables.api import FEEDBACK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.api.keeping import Event
    from timbral.store.tables import Tables


class FeedbackTable:
    """Writes a batch of events as one part; the same batch is the same part.

    Args:
        tables: The store's tables.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def append(self, listener_id: str, events: Sequence[Event]) -> None:
        """Write events; see `timbral.api.keeping.FeedbackLog.append`."""
        ordered = sorted(events, key=lambda event: event.event_id)
        rows = [
            {"listener_id": listener_id, **asdict(event), "observed_at_uts": event.at_uts}
            for event in ordered
        ]
        part = digest_json(rows)
        self._tables.append(FEEDBACK, pa.Table.from_pylist(rows, schema=FEEDBACK.schema), part)
