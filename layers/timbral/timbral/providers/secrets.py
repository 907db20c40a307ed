"""The port to the secret store, and its shapes: the settings, a file, AWS Secrets Manager.

A secret never comes into a log, an error, or an object of the store.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from timbral.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CACHED_S = 300.0


class Secrets(Protocol):
    """Texts under names."""

    def get(self, name: str) -> str | None:
        """Return a secret, or None if there is none."""

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
        """Keep a secret; see `Secrets.put`."""
        self._write(self._read() | {name: value})

    def delete(self, name: str) -> None:
        """Forget a secret; see `Secrets.delete`."""
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
    """Secrets in AWS Secrets Manager, remembered for a while.

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
        self._known: dict[str, tuple[float, str | None]] = {}

    def get(self, name: str) -> str | None:
        """Return a secret; see `Secrets.get`."""
        known = self._known.get(name)
        if known is None or known[0] < self._monotonic_s():
            self._remember(name, self._fetch(name))
        return self._known[name][1]

    def put(self, name: str, value: str) -> None:
        """Keep a secret; see `Secrets.put`."""
        try:
            self._client.put_secret_value(SecretId=self._prefix + name, SecretString=value)
        except self._client.exceptions.ResourceNotFoundException:
            self._client.create_secret(Name=self._prefix + name, SecretString=value)
        self._remember(name, value)

    def delete(self, name: str) -> None:
        """Forget a secret; see `Secrets.delete`."""
        with contextlib.suppress(self._client.exceptions.ResourceNotFoundException):
            self._client.delete_secret(SecretId=self._prefix + name, ForceDeleteWithoutRecovery=True)
        self._known.pop(name, None)

    def _fetch(self, name: str) -> str | None:
        try:
            return str(self._client.get_secret_value(SecretId=self._prefix + name)["SecretString"])
        except self._client.exceptions.ResourceNotFoundException:
            return None

    def _remember(self, name: str, value: str | None) -> None:
        self._known[name] = (self._monotonic_s() + CACHED_S, value)
