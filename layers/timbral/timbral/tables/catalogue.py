"""Every table there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timbral.errors import ContractBroken
from timbral.tables.api import FEEDBACK
from timbral.tables.core import TRACK_MATCHES, TRACKS_CORE
from timbral.tables.embeddings import TEXT_EMBEDDING, TRACK_TEXT_EMBEDDING
from timbral.tables.features import LISTENER_CLOCK, LISTENER_PLAYS, TRACK_FEATURE_VIEW
from timbral.tables.mood import TRACK_MOOD_PRED
from timbral.tables.raw import RAW_TABLES
from timbral.tables.runs import JOB_LOG
from timbral.tables.tags import TRACK_TAGS
from timbral.tables.vectors import TRACK_VECTOR

if TYPE_CHECKING:
    from timbral.tables.declaration import Table

LANDED_TABLES: tuple[Table, ...] = (*RAW_TABLES, FEEDBACK)
"""What the outside world told, listeners of the API among it: a run pins all of it before anything else."""

ALL_TABLES: tuple[Table, ...] = (
    *RAW_TABLES,
    TRACKS_CORE,
    TRACK_MATCHES,
    TRACK_TAGS,
    TRACK_FEATURE_VIEW,
    LISTENER_PLAYS,
    LISTENER_CLOCK,
    TEXT_EMBEDDING,
    TRACK_TEXT_EMBEDDING,
    TRACK_MOOD_PRED,
    TRACK_VECTOR,
    FEEDBACK,
    JOB_LOG,
)


def table_named(name: str) -> Table:
    """Return a table by its name.

    Raises:
        ContractBroken: There is none of that name.
    """
    for table in ALL_TABLES:
        if table.name == name:
            return table
    msg = f"there is no table {name!r}; the tables are {', '.join(t.name for t in ALL_TABLES)}"
    raise ContractBroken(msg)
