"""Where a listener's pull is: one document, moved by conditional put, that only says what is stored."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from timbral.pulling.lastfm.windows import Window
from timbral.store.listeners import listener_prefix

if TYPE_CHECKING:
    from timbral.store.objects import Objects


@dataclass
class PullState:
    """What is known of one account.

    Attributes:
        username: The account.
        windows: What is done, side by side, oldest first.
        known: Everything that was ever known of times that are being asked for again: a pull that was
            killed in the middle takes back what has gone all the same.
        unlanded: Answers that may not have become rows yet.
        at_uts: Where the pull that is under way goes on; None if none is.
        until_uts: Where it ends.
        gap: By how much the service's count of all old plays differs from the sum of its counts; a
            difference that is new means that something old has changed.
        is_library_gone: Whether ``library.getTracks`` was refused: it isn't asked for again.
        tag: The document's version.
    """

    username: str
    windows: list[Window] = field(default_factory=list)
    known: list[Window] = field(default_factory=list)
    unlanded: list[str] = field(default_factory=list)
    at_uts: int | None = None
    until_uts: int = 0
    gap: int = 0
    is_library_gone: bool = False
    tag: str | None = None


def state_key(provider: str, listener_id: str) -> str:
    """Return where the document lies."""
    return f"{listener_prefix('raw', listener_id)}/pulls/{provider}.json"


def read_state(objects: Objects, provider: str, listener_id: str, username: str) -> PullState:
    """Return where a pull is; another account begins anew."""
    found = objects.get_tagged(state_key(provider, listener_id))
    if found is None:
        return PullState(username)
    value: dict[str, Any] = orjson.loads(found[0])
    if value["username"].lower() != username.lower():
        return PullState(username, tag=found[1])
    for name in ("windows", "known"):
        value[name] = [Window(*window) for window in value[name]]
    return PullState(**value, tag=found[1])


def write_state(objects: Objects, provider: str, listener_id: str, state: PullState) -> None:
    """Write where a pull is.

    Raises:
        Conflict: Another invocation wrote meanwhile: it is the one that goes on.
    """
    value = asdict(state)
    del value["tag"]
    for name in ("windows", "known"):
        value[name] = [[w["from_uts"], w["to_uts"], w["total"], w["key"]] for w in value[name]]
    key = state_key(provider, listener_id)
    objects.replace(key, orjson.dumps(value), state.tag)
    found = objects.get_tagged(key)
    state.tag = found[1] if found else None
