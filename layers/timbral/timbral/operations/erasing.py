"""Erasing a listener in the background: what the API has marked and promised a receipt for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from timbral.operations.events import parsed, read_event

if TYPE_CHECKING:
    from timbral.wiring import Services


class ErasureAsked(BaseModel):
    """What the API puts into the queue.

    Attributes:
        listener_id: Who is to be erased.
        erased_at_uts: Since when they are; their receipt is named after it.
    """

    model_config = ConfigDict(frozen=True)

    listener_id: str = Field(min_length=1)
    erased_at_uts: int = Field(ge=0)


def erase_listener(services: Services, body: str) -> dict[str, Any]:
    """Erase everything of one listener, and complete their receipt; told again it does the same.

    Args:
        services: Settings and adapters.
        body: The message; see `ErasureAsked`.

    Returns:
        What was erased. It names no listener: it is logged.

    Raises:
        InvalidInput: The message isn't what it must be.
        Conflict: Others kept writing the same tables; the queue brings the message again.
    """
    asked = read_event(ErasureAsked, parsed(body))
    receipt = services.serving.erase(asked.listener_id, asked.erased_at_uts)
    return {
        "receipt_id": receipt.receipt_id,
        "rows_count": sum(receipt.rows_count.values()),
        "objects_count": receipt.objects_count,
    }
