"""Who takes out and erases what is kept of listeners."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol


@dataclass(frozen=True)
class Item:
    """Something that is kept of a listener.

    Attributes:
        source: The table that it is a row of, or ``document``.
        content: The row, or the document with its ``name``.
    """

    source: str
    content: dict[str, Any]


@dataclass(frozen=True)
class Receipt:
    """What was erased; nothing in it tells whose it was.

    Attributes:
        receipt_id: Its name.
        erased_at_uts: When, in Unix seconds.
        rows_count: Rows, by table.
        objects_count: Other objects: documents, files, old versions, releases.
        status: ``accepted`` while it goes on in the background.
    """

    receipt_id: str
    erased_at_uts: int
    rows_count: dict[str, int] = field(default_factory=dict)
    objects_count: int = 0
    status: Literal["done", "accepted"] = "done"


class Listeners(Protocol):
    """Takes out and erases what is kept of one listener; of nobody else anything is touched."""

    def export(self, listener_id: str, offset: int, limit: int) -> tuple[list[Item], int]:
        """Return some of what is kept, in an order that stays, and how much there is in all."""

    def erase(self, listener_id: str) -> Receipt:
        """Erase everything, now or, if the receipt is ``accepted``, soon; nothing answers for them any more.

        Done again it finds nothing more, and says so.
        """

    def receipt(self, listener_id: str, receipt_id: str) -> Receipt:
        """Return a receipt of an erasure.

        Raises:
            NotFound: There is none, or it is somebody else's.
        """
