"""Which accounts listeners have connected: a small document each, and what opens them in the secret store."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import orjson

from timbral.store.listeners import listener_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timbral.store.objects import Objects

PROVIDERS = ("lastfm", "spotify")
ROOT = "raw/connections"
State = Literal["connected", "expired", "refused"]


@dataclass(frozen=True)
class Connection:
    """A listener's account at a provider.

    Attributes:
        listener_id: Whose.
        provider: One of `PROVIDERS`.
        account: Its name there.
        state: ``expired`` once permission has run out or was taken back; ``refused`` if the account is
            unknown or private. Neither is asked again until the listener connects anew.
        changed_at_uts: Since when it is so, in Unix seconds.
        reason: Why it isn't ``connected``, one of `timbral.errors.REFUSALS`; empty if it is.
    """

    listener_id: str
    provider: str
    account: str
    state: State
    changed_at_uts: int
    reason: str = ""


class Connections:
    """The documents, ``raw/connections/<provider>/<listener's key>.json``: found in one listing a provider.

    Args:
        objects: The store.
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def get(self, listener_id: str, provider: str) -> Connection | None:
        """Return a listener's account, or None if there is none."""
        found = self._objects.get_tagged(connection_key(listener_id, provider))
        return Connection(**orjson.loads(found[0])) if found else None

    def put(self, connection: Connection) -> None:
        """Keep an account, in place of what was there."""
        key = connection_key(connection.listener_id, connection.provider)
        self._objects.put(key, orjson.dumps(asdict(connection), option=orjson.OPT_SORT_KEYS))

    def connected(self, provider: str, after: str = "") -> Iterator[tuple[str, Connection]]:
        """Yield the accounts that may be asked, each with its key, in order of the keys.

        Args:
            provider: Whose.
            after: Where to go on: the last key that was dealt with.
        """
        for info in self._objects.list(f"{ROOT}/{provider}"):
            if info.key > after:
                connection = Connection(**orjson.loads(self._objects.get(info.key)))
                if connection.state == "connected":
                    yield info.key, connection


def connection_key(listener_id: str, provider: str) -> str:
    """Return where the document of an account lies."""
    return f"{ROOT}/{provider}/{listener_key(listener_id)}.json"


def connection_keys(listener_id: str) -> list[str]:
    """Return where documents of a listener's accounts may lie."""
    return [connection_key(listener_id, provider) for provider in PROVIDERS]


def secret_name(listener_id: str, provider: str, what: str) -> str:
    """Return the name of a listener's secret.

    Args:
        listener_id: Whose.
        provider: One of `PROVIDERS`.
        what: ``token``, which is yet to be turned into permission, or ``permission`` itself.
    """
    return f"{listener_key(listener_id)}/{provider}/{what}"


def secret_names(listener_id: str) -> list[str]:
    """Return the names of all secrets that a listener may have."""
    return [
        secret_name(listener_id, provider, what) for provider in PROVIDERS for what in ("token", "permission")
    ]
