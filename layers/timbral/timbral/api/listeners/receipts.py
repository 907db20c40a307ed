"""Receipts of erasures: asked for, and later done. Nothing in them tells who was erased."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import orjson

from timbral.api.keeping import told_key
from timbral.api.listeners.port import Receipt
from timbral.digests import digest_json
from timbral.errors import NotFound
from timbral.store.listeners import listener_key

if TYPE_CHECKING:
    from timbral.store.objects import Objects
    from timbral.store.releases import Releases

RECEIPTS_OF_ERASURES = "api/receipts"


def receipt_id(listener_id: str, erased_at_uts: int) -> str:
    """Name a receipt: only who knows whose it is can tell that it is theirs."""
    return digest_json([listener_key(listener_id), erased_at_uts])


def mark_erased(objects: Objects, releases: Releases, listener_id: str, now_uts: int) -> None:
    """Mark a listener as erased, in place of all that they told: no release answers for them any more.

    Args:
        objects: The object store.
        releases: Its releases; in none of those that there are now they are looked for.
        listener_id: The listener.
        now_uts: Since when.
    """
    served = [manifest.release for manifest in releases.list()]
    mark = {"erased_at_uts": now_uts, "erased_releases": served}
    objects.put(told_key(listener_id), orjson.dumps(mark))


def accept(objects: Objects, releases: Releases, listener_id: str, now_uts: int) -> Receipt:
    """Mark a listener as erased, and note that the rest is still to be done.

    Returns:
        The receipt, ``accepted``; what it tells is put in when it is done.
    """
    mark_erased(objects, releases, listener_id, now_uts)
    receipt = Receipt(receipt_id(listener_id, now_uts), now_uts, status="accepted")
    keep_receipt(objects, receipt)
    return receipt


def keep_receipt(objects: Objects, receipt: Receipt) -> None:
    """Write a receipt, in place of what it said before."""
    written = orjson.dumps(asdict(receipt), option=orjson.OPT_SORT_KEYS)
    objects.put(f"{RECEIPTS_OF_ERASURES}/{receipt.receipt_id}.json", written)


def read_receipt(objects: Objects, listener_id: str, named: str) -> Receipt:
    """Return one of a listener's receipts.

    Args:
        objects: The object store.
        listener_id: The listener.
        named: The receipt's id.

    Raises:
        NotFound: There is none, or it is somebody else's.
    """
    found = objects.get_tagged(f"{RECEIPTS_OF_ERASURES}/{named}.json")
    receipt = Receipt(**orjson.loads(found[0])) if found else None
    if receipt is None or receipt_id(listener_id, receipt.erased_at_uts) != named:
        msg = "there is no such receipt of yours"
        raise NotFound(msg)
    return receipt
