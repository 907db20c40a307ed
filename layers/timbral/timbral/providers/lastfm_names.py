"""What a user name and a token of Last.fm can be: anything else isn't sent there."""

from __future__ import annotations

import re

from timbral.errors import InvalidRequest

USERNAME_PATTERN = "^[A-Za-z][A-Za-z0-9_-]{1,14}$"
TOKEN_PATTERN = "^[A-Za-z0-9_-]{32}$"  # noqa: S105  what one looks like
_NAME = re.compile(USERNAME_PATTERN[1:-1])
_TOKEN = re.compile(TOKEN_PATTERN[1:-1])


def checked_username(text: str) -> str:
    """Return a user name, in lower case: Last.fm's don't differ by it.

    Raises:
        InvalidRequest: It can't be one.
    """
    if not _NAME.fullmatch(text):
        msg = "username must be a Last.fm name: 2 to 15 letters, digits, '-' and '_', beginning with a letter"
        raise InvalidRequest(msg, "username")
    return text.lower()


def checked_token(text: str) -> str:
    """Return a token that a listener was sent back with.

    Raises:
        InvalidRequest: It can't be one; the message doesn't repeat it.
    """
    if not _TOKEN.fullmatch(text):
        msg = "token must be the 32 characters that Last.fm sent the listener back with"
        raise InvalidRequest(msg, "token")
    return text
