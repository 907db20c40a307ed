"""Secrets of listeners, sealed in the store; the key to them all is in the secret store.

A secret each in AWS Secrets Manager would cost forty times what all else of a listener does.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from timbral.errors import StoreError
from timbral.store.listeners import SEALED

if TYPE_CHECKING:
    from timbral.providers.secrets import Secrets
    from timbral.store.objects import Objects

KEY_NAME = "listeners/sealing_keys"
"""One or more keys, apart by spaces, of any length: the first one seals, all of them open."""
LEAST_KEY_LENGTH = 32


class SealedSecrets:
    """Secrets as objects that nobody can read or change without the key.

    The names begin with a listener's key, so that erasing a listener's objects erases them.

    Args:
        objects: The store.
        secrets: Has the key, under `KEY_NAME`.

    Source: https://cryptography.io/en/latest/fernet/
    """

    def __init__(self, objects: Objects, secrets: Secrets) -> None:
        self._objects = objects
        self._secrets = secrets

    def get(self, name: str) -> str | None:
        """Return a secret; see `Secrets.get`.

        Raises:
            StoreError: It was sealed with another key, or changed.
        """
        found = self._objects.get_tagged(_key(name))
        if found is None:
            return None
        try:
            opened = self._seal().decrypt(found[0]).decode()
        except InvalidToken:
            msg = "a listener's secret was sealed with another key, or changed"
            raise StoreError(msg) from None
        told, _, value = opened.partition("\n")
        if told != name:  # an object that somebody moved opens nobody else's account
            msg = "a listener's secret lies under another's name"
            raise StoreError(msg)
        return value

    def put(self, name: str, value: str) -> None:
        """Keep a secret; see `KeptSecrets.put`."""
        self._objects.put(_key(name), self._seal().encrypt(f"{name}\n{value}".encode()))

    def delete(self, name: str) -> None:
        """Forget a secret; see `KeptSecrets.delete`."""
        self._objects.delete([_key(name)])

    def _seal(self) -> MultiFernet:
        keys = (self._secrets.get(KEY_NAME) or "").split()
        if not keys or min(map(len, keys)) < LEAST_KEY_LENGTH:
            msg = f"the secret store has no keys of at least {LEAST_KEY_LENGTH} characters as {KEY_NAME!r}"
            raise StoreError(msg)
        return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"timbral listeners' secrets")
    return base64.urlsafe_b64encode(derivation.derive(key.encode()))


def _key(name: str) -> str:
    owner, _, rest = name.partition("/")
    return f"raw/listeners/{owner}/{SEALED}/{rest}"
