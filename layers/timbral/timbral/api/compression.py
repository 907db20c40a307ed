"""Answers compressed for whoever takes them so."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from timbral.api.headers import header, named

if TYPE_CHECKING:
    from starlette.types import Scope

    from timbral.api.answer import Answer

SMALLEST_COMPRESSED_BYTES = 1_000
COMPRESSION_LEVEL = 5


def compressed(scope: Scope, answer: Answer) -> Answer:
    """Compress an answer that is worth it, for whoever asks for it (RFC 9110, gzip).

    Args:
        scope: The request.
        answer: Its answer.
    """
    if len(answer.body) < SMALLEST_COMPRESSED_BYTES or "gzip" not in header(scope, b"accept-encoding"):
        return answer
    body = gzip.compress(answer.body, COMPRESSION_LEVEL, mtime=0)
    headers = [own for own in answer.headers if own[0] != b"content-length"]
    headers += [(b"content-length", str(len(body)).encode()), (b"content-encoding", b"gzip")]
    if not named(headers, b"vary"):
        headers.append((b"vary", b"Accept-Encoding"))
    return answer._replace(headers=headers, body=body)
