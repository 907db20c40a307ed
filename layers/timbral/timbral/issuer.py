"""Documents of a token issuer's site, over HTTPS: small, quick, never redirected."""

from __future__ import annotations

import urllib.error
import urllib.request
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from timbral.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S = 5.0
LARGEST_BYTES = 1 << 20
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect could lead anywhere; an issuer's documents are where it says they are."""

    def redirect_request(self, *_: Any) -> None:
        return None


def fetch_document(address: str) -> Mapping[str, Any]:
    """Read a JSON object.

    Args:
        address: An ``https://`` address; plain HTTP is taken from this machine only.

    Returns:
        The object.

    Raises:
        SourceError: The address isn't safe, the site fails, or what it sends is no JSON object.
    """
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        msg = "an issuer's documents are read over https only"
        raise SourceError(msg)
    opener = urllib.request.build_opener(_NoRedirects)
    try:
        with opener.open(urllib.request.Request(address), timeout=TIMEOUT_S) as answer:  # noqa: S310  checked above
            found = orjson.loads(answer.read(LARGEST_BYTES + 1)[:LARGEST_BYTES])
    except (OSError, HTTPException, ValueError) as error:
        msg = f"the token issuer at {parts.hostname} can't be asked for its keys: {type(error).__name__}"
        raise SourceError(msg) from error
    if not isinstance(found, dict):
        msg = f"the token issuer at {parts.hostname} sent no JSON object"
        raise SourceError(msg)
    return found
