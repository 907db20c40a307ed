"""Which release answered, and whether the client has the answer already."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING

from timbral.api.headers import header, named

if TYPE_CHECKING:
    from starlette.types import Scope

    from timbral.api.answer import Answer

CACHE_CONTROL = b"private, no-cache"
RELEASE_HEADER = b"x-timbral-release"
VARY = b"Authorization, Accept-Encoding"
OF_A_BODY = (b"content-length", b"content-type")


def marked(scope: Scope, answer: Answer) -> Answer:
    """Name the release of an answer, tag what can be asked for again, and say 304 where it is known.

    An answer is its listener's own: caches may keep it for them, but ask again before using it.
    The tag is a digest of the answer itself, so it can't be wrong about what has changed.

    Args:
        scope: The request.
        answer: Its answer.
    """
    headers = list(answer.headers)
    if release := scope.get("state", {}).get("release"):
        headers.append((RELEASE_HEADER, release.encode("latin-1")))
    if answer.status != HTTPStatus.OK:
        return answer._replace(headers=headers)
    if not named(headers, b"cache-control"):
        headers.append((b"cache-control", CACHE_CONTROL))
    headers.append((b"vary", VARY))
    if scope["method"] != "GET":
        return answer._replace(headers=headers)
    tag = tag_of(answer.body)
    headers.append((b"etag", tag.encode()))
    if not is_known(header(scope, b"if-none-match"), tag):
        return answer._replace(headers=headers)
    kept = [own for own in headers if own[0] not in OF_A_BODY]
    return answer._replace(status=HTTPStatus.NOT_MODIFIED.value, headers=kept, body=b"")


def tag_of(body: bytes) -> str:
    """Return an answer's entity tag: weak, since the same answer may go out compressed or not."""
    # Processors have instructions for this digest.
    return f'W/"{hashlib.sha256(body, usedforsecurity=False).hexdigest()}"'


def is_known(if_none_match: str, tag: str) -> bool:
    """Return whether a client's list of tags has this one, by the weak comparison of RFC 9110."""
    known = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return "*" in known or tag.removeprefix("W/") in known
