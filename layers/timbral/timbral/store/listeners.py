"""Where the store keeps what it knows of one listener, apart from rows of tables.

Answers of providers, connections, jobs and picks lie below ``<stage>/listeners/<key>/``, so that all of it is
found, taken out or erased by prefix. The key is a digest: a listener's name may hold any character, and
doesn't belong into the names of objects, which stand in access logs.
"""

from __future__ import annotations

from timbral.digests import digest_text

SEALED = "sealed"
"""Folder of a listener's secrets, below their prefix of the first stage; they are never taken out."""


def listener_key(listener_id: str) -> str:
    """Return the one path component that stands for a listener: 32 hexadecimal digits."""
    return digest_text(listener_id)


def listener_prefix(stage: str, listener_id: str) -> str:
    """Return the prefix of a stage's objects about a listener, without the last slash.

    Args:
        stage: One of the flow's words.
        listener_id: The listener.
    """
    return f"{stage}/listeners/{listener_key(listener_id)}"
