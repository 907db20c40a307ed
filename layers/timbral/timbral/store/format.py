"""The mark that says which version of Timbral wrote a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from timbral.errors import StoreVersion

if TYPE_CHECKING:
    from timbral.store.objects import Objects

MARK = "timbral.json"
FORMAT = 1


def check_format(objects: Objects, *, create: bool) -> None:
    """Refuse a store that this version can't read.

    Args:
        objects: The object store.
        create: Whether to mark a store that has no mark.

    Raises:
        StoreVersion: Another version wrote it, or the mark can't be read.
        StoreError: The store can't be reached.
    """
    mark = orjson.dumps({"format": FORMAT})
    found = objects.get_tagged(MARK)
    if found is None:
        if create:
            objects.create(MARK, mark)
        return
    try:
        written = orjson.loads(found[0])["format"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        msg = f"the mark {MARK!r} in {objects.root} can't be read: {error}"
        raise StoreVersion(msg) from error
    if written != FORMAT:
        msg = (
            f"the store {objects.root} has format {written!r}; this version of Timbral reads format {FORMAT}"
        )
        raise StoreVersion(msg)
