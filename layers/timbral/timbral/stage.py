"""What every stage has in common: pinned inputs go in, published snapshots come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from timbral.digests import digest_json
from timbral.errors import Conflict
from timbral.tables.catalogue import table_named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from timbral.store.snapshots import Snapshot
    from timbral.store.tables import Tables
    from timbral.tables.declaration import Table

STAGES = ("raw", "core", "tags", "features", "embeddings", "mood", "vectors", "recommender", "api")
"""The nine words, in order; the last one answers and has no step of its own."""

Pins = Mapping[str, "Snapshot"]


@dataclass(frozen=True)
class StageResult:
    """What a stage did.

    Attributes:
        snapshots: The tables that it stands for from now on in this run, by name.
        rows_count: Rows in its output.
        computed_count: Rows that had to be computed.
        reused_count: Rows that were as before.
        quarantined: Rows set aside, by reason.
        notes: What else a reader of the run should know, by name.
    """

    snapshots: dict[str, Snapshot]
    rows_count: int = 0
    computed_count: int = 0
    reused_count: int = 0
    quarantined: dict[str, int] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)


def fingerprint(code_version: int, pins: Pins, reads: Iterable[Table], **settings: Any) -> str:
    """Digest all that a stage's output depends on.

    Args:
        code_version: Raised by hand when the stage's decisions change.
        pins: The run's snapshots.
        reads: The tables that the stage reads.
        settings: Everything else that it depends on, as JSON values.
    """
    return digest_json([code_version, {table.name: pins[table.name].id for table in reads}, settings])


def unchanged(tables: Tables, outputs: Iterable[Table], inputs: str) -> StageResult | None:
    """Return the result of doing nothing, if all outputs were published from these very inputs."""
    snapshots = {}
    for table in outputs:
        snapshot = tables.published(table, inputs)
        if snapshot is None:
            return None
        snapshots[table.name] = snapshot
    rows_count = sum(snapshot.rows_count for snapshot in snapshots.values())
    return StageResult(snapshots, rows_count=rows_count, reused_count=rows_count)


def refuse_erased(tables: Tables, pins: Pins) -> None:
    """Refuse to make anything lasting of a run that has read what is erased by now.

    An erasure deletes all snapshots that may have somebody's rows; nothing else deletes those of a run.

    Args:
        tables: The store's tables.
        pins: All snapshots of the run.

    Raises:
        Conflict: A listener was erased since they were pinned; the next run does without them.
    """
    for name, snapshot in pins.items():
        if not tables.objects.exists(f"{table_named(name).prefix}/snapshots/{snapshot.id}.json"):
            msg = f"a listener was erased since table {name!r} was pinned: run again"
            raise Conflict(msg)
