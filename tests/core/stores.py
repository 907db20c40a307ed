"""Small stores that tests of the flow's first stages fill by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from timbral.store.obstore_objects import open_objects
from timbral.store.tables import Tables
from timbral.tables.api import FEEDBACK
from timbral.tables.catalogue import LANDED_TABLES
from timbral.tables.raw import (
    ALBUM_REVIEWS_AOTY,
    ALBUMS_AOTY,
    AUDIO_FEATURES_SPOTIFY,
    MOOD_LABELS_RAW,
    TAG_VOTES_RAW,
    TRACKS_SPOTIFY,
    USER_SCROBBLES_RAW,
    USER_TRACKS_RAW,
)

if TYPE_CHECKING:
    from pathlib import Path

    from timbral.stage import Pins
    from timbral.tables.declaration import Table

NOON_UTS = 1_600_000_000
_DEFAULTS = {
    USER_SCROBBLES_RAW.name: {
        "listener_id": "ann",
        "scrobbled_at_uts": NOON_UTS,
        "source": "plain",
        "observed_at_uts": 0,
    },
    USER_TRACKS_RAW.name: {
        "listener_id": "ann",
        "plays_count": 1,
        "source": "triplets",
        "observed_at_uts": 0,
    },
    TAG_VOTES_RAW.name: {"votes_count": 1, "source": "lastfm", "observed_at_uts": 0},
    TRACKS_SPOTIFY.name: {"source": "spotify", "observed_at_uts": 0},
    AUDIO_FEATURES_SPOTIFY.name: {"source": "spotify", "observed_at_uts": 0},
    ALBUMS_AOTY.name: {"source": "aoty", "observed_at_uts": 0},
    ALBUM_REVIEWS_AOTY.name: {"source": "aoty", "observed_at_uts": 0},
    FEEDBACK.name: {"listener_id": "ann", "at_uts": NOON_UTS, "shown_in": "elsewhere", "observed_at_uts": 0},
    MOOD_LABELS_RAW.name: {"source": "catalogue", "observed_at_uts": 0},
}


def empty_store(folder: Path) -> Tables:
    return Tables(open_objects(str(folder / "store")), folder / "scratch")


def add(tables: Tables, table: Table, *rows: dict, part: str = "first") -> None:
    filled = [{**_DEFAULTS[table.name], **row} for row in rows]
    columns = [name for name in table.column_names if any(name in row for row in filled)]
    schema = pa.schema([(name, table.column(name).arrow_type()) for name in columns])
    appended = tables.append(table, pa.Table.from_pylist(filled, schema=schema), part)
    assert not appended.quarantined


def pin_raw(tables: Tables) -> Pins:
    return {table.name: tables.pin(table) for table in LANDED_TABLES}


def rows_of(tables: Tables, table: Table) -> list[dict]:
    return tables.read(table, tables.pin(table)).to_pylist()
