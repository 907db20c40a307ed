"""Many small parts made few, while readers go on.

A compaction is one document: the parts it wrote and the parts that they stand for. It is put in
place by a conditional write, so that of two compactions at once one wins and the other changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from timbral.store.objects import Objects
    from timbral.tables.declaration import Table


@dataclass(frozen=True)
class CurrentParts:
    """The parts that make up an append table.

    Attributes:
        keys: The parts, in order.
        compacted: Those among them that stand for others.
        replaced: The parts that those stand for; readers pass over them.
        tag: Version of the compaction document that said so; None if there is none.
    """

    keys: tuple[str, ...]
    compacted: tuple[str, ...]
    replaced: frozenset[str]
    tag: str | None


def _document_key(table: Table) -> str:
    return f"{table.prefix}/compaction.json"


def current_parts(objects: Objects, table: Table) -> CurrentParts:
    """Return the parts that make up an append table now.

    The document is read after the listing: a part that is compacted in between is then left out
    for the one that stands for it, and none is missed.
    """
    listed = [info.key for info in objects.list(f"{table.prefix}/parts")]
    found = objects.get_tagged(_document_key(table))
    document = orjson.loads(found[0]) if found else {"parts": [], "replaces": []}
    replaced = frozenset(document["replaces"])
    keys = (*document["parts"], *(key for key in listed if key not in replaced))
    return CurrentParts(keys, tuple(document["parts"]), replaced, found[1] if found else None)


def put_in_place(objects: Objects, table: Table, seen: CurrentParts, parts: list[str]) -> None:
    """Let new parts stand for all that were seen.

    Args:
        objects: The object store.
        table: An append table.
        seen: What the new parts hold the rows of.
        parts: Keys of the new parts, already written.

    Raises:
        Conflict: Another compaction came first; nothing has changed.
    """
    # A part that was compacted once stays replaced for ever: written again, it holds nothing new.
    replaces = sorted({*seen.replaced, *seen.keys} - set(parts))
    data = orjson.dumps({"parts": parts, "replaces": replaces})
    objects.replace(_document_key(table), data, seen.tag)
