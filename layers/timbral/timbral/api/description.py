"""The committed description of the contract, which clients are built against, equal to the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from timbral.api.application import create_app
from timbral.api.identity import Identity
from timbral.errors import NotFound

if TYPE_CHECKING:
    from datetime import datetime

    from timbral.recommender.release.view import ReleaseView

FILE_NAME = "openapi.json"
"""Lies beside the contract's models, ships with them, and is rewritten by ``timbral openapi``."""


class NoRelease:
    """Stands where a release source must: a description is of all releases alike."""

    def current(self) -> ReleaseView:
        """Refuse.

        Raises:
            NotFound: Always.
        """
        msg = "no release is served here"
        raise NotFound(msg)

    def moved_from(self, release: str) -> bool:
        """Say no: there is none to move to."""
        del release
        return False


def no_time() -> datetime:
    """Stand where a clock must; a description is timeless.

    Raises:
        NotFound: Always.
    """
    msg = "no time is told here"
    raise NotFound(msg)


def description() -> bytes:
    """Return the application's OpenAPI 3.1 document as the committed file has it, byte for byte."""
    app = create_app(NoRelease(), Identity(), no_time)
    return orjson.dumps(app.openapi(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
