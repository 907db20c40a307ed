"""The port to the secret store, and its shapes: the settings, a file, AWS Secrets Manager.

A secret never comes into a log, an error, or an object of the store.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from timbral.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CACHED_S = 300.0


class Secrets(Protocol):
    """Texts under names such as ``lastfm/api_key``."""

    def get(self, name: str) -> str | None:
        """Return a secret, or None if there is none."""


class KeptSecrets(Secrets, Protocol):
    """Texts that can be changed: what opens listeners' accounts."""

    def put(self, name: str, value: str) -> None:
        """Keep a secret, replacing what was there."""

    def delete(self, name: str) -> None:
        """Forget a secret; one that is already gone is fine."""


class FileSecrets:
    """Secrets of one machine: a file that only its owner may read.

    Args:
        path: The file; made with the first secret.
        given: Secrets that the settings give; they go before the file's and are never written.
    """

    def __init__(self, path: Path, given: dict[str, str] | None = None) -> None:
        self._path = path
        self._given = given or {}

    def get(self, name: str) -> str | None:
        """Return a secret; see `Secrets.get`."""
        return self._given.get(name) or self._read().get(name)

    def put(self, name: str, value: str) -> None:
        """Keep a secret; see `KeptSecrets.put`."""
        self._write(self._read() | {name: value})

    def delete(self, name: str) -> None:
        """Forget a secret; see `KeptSecrets.delete`."""
        kept = self._read()
        if kept.pop(name, None) is not None:
            self._write(kept)

    def _read(self) -> dict[str, str]:
        try:
            return dict(orjson.loads(self._path.read_bytes()))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            msg = f"the file of secrets {self._path} can't be read ({type(error).__name__})"
            raise StoreError(msg) from None

    def _write(self, kept: dict[str, str]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        other = self._path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(other, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(orjson.dumps(kept, option=orjson.OPT_SORT_KEYS))
        other.replace(self._path)


class AwsSecrets:
    """Secrets in AWS Secrets Manager, remembered for a while; one holds a JSON object of several.

    ``lastfm/api_key`` is the field ``api_key`` of the secret ``<prefix>lastfm``.

    Args:
        client: A ``secretsmanager`` client of boto3.
        prefix: What the names begin with.
        monotonic_s: Seconds from any beginning.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets.html
    """

    def __init__(self, client: Any, prefix: str, monotonic_s: Callable[[], float]) -> None:
        self._client = client
        self._prefix = prefix
        self._monotonic_s = monotonic_s
        self._known: dict[str, tuple[float, dict[str, str]]] = {}

    def get(self, name: str) -> str | None:
        """Return a secret; see `Secrets.get`.

        Raises:
            StoreError: What is kept isn't a JSON object of texts; the message doesn't repeat it.
        """
        group, _, field = name.partition("/")
        known = self._known.get(group)
        if known is None or known[0] < self._monotonic_s():
            known = self._known[group] = (self._monotonic_s() + CACHED_S, self._fetch(group))
        return known[1].get(field)

    def _fetch(self, group: str) -> dict[str, str]:
        errors = self._client.exceptions
        try:
            text = self._client.get_secret_value(SecretId=self._prefix + group)["SecretString"]
        except errors.ResourceNotFoundException:  # there is none, or it was made without a value
            return {}
        try:
            found = orjson.loads(text)
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            msg = f"the secret {self._prefix}{group} is no JSON object of texts"
            raise StoreError(msg)
        return found
