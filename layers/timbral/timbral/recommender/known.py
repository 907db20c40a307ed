"""What the earlier stages know, as arrays: row i of each is track i, in the order of track ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from timbral.errors import ContractBroken
from timbral.recommender.known_worth import LIKE_WORTH
from timbral.recommender.lists import dense
from timbral.recommender.models.interactions import Interactions, to_csr
from timbral.tables.core import TRACK_MATCHES
from timbral.tables.embeddings import TRACK_TEXT_EMBEDDING
from timbral.tables.features import LISTENER_CLOCK, LISTENER_PLAYS, TRACK_FEATURE_VIEW
from timbral.tables.mood import TRACK_MOOD_PRED
from timbral.tables.vectors import TRACK_VECTOR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from timbral.stage import Pins
    from timbral.store.tables import Tables
    from timbral.tables.declaration import Table

    Floats = NDArray[np.float32]

READS = (
    TRACK_MATCHES,
    TRACK_FEATURE_VIEW,
    LISTENER_PLAYS,
    LISTENER_CLOCK,
    TRACK_TEXT_EMBEDDING,
    TRACK_MOOD_PRED,
    TRACK_VECTOR,
)
_FEATURE_COLUMNS = [
    "track_id",
    "artist_id",
    "artist",
    "title",
    "album",
    "year",
    "spotify_id",
    "is_named",
    "tags",
    "genres",
    "total_plays_count",
    "listeners_count",
]


@dataclass(frozen=True)
class Known:
    """Everything that a release is made from.

    Attributes:
        features: The columns of track_feature_view that are shown or counted.
        moods: track_mood_pred.
        vectors: ``(n, 256)``.
        text_vectors: ``(n, d)``.
        interactions: Listeners by tracks; tracks that nobody played have an empty column.
        plays: listener_plays, with ``listener`` and ``track`` as row numbers besides.
        clock: listener_clock.
        aliases: Track ids by the ids that a merge retired.
    """

    features: pa.Table
    moods: pa.Table
    vectors: Floats
    text_vectors: Floats
    interactions: Interactions
    plays: pa.Table
    clock: pa.Table
    aliases: dict[str, str]

    @property
    def is_named(self) -> NDArray[np.bool_]:
        """``(n,)`` which tracks can be shown."""
        named: NDArray[np.bool_] = self.features.column("is_named").to_numpy()
        return named


def read_known(tables: Tables, pins: Pins) -> Known:
    """Read what a run has computed.

    Raises:
        ContractBroken: Two tables of the run are not about the same tracks.
    """
    features = _read(tables, pins, TRACK_FEATURE_VIEW, _FEATURE_COLUMNS)
    moods = _aligned(tables, pins, TRACK_MOOD_PRED, features)
    vectors = dense(_aligned(tables, pins, TRACK_VECTOR, features, ["track_id", "vector"]).column("vector"))
    texts = _aligned(tables, pins, TRACK_TEXT_EMBEDDING, features, ["track_id", "vector"])
    plays = _read(tables, pins, LISTENER_PLAYS)
    interactions, plays = _interactions(plays, features)
    return Known(
        features=features,
        moods=moods,
        vectors=vectors,
        text_vectors=dense(texts.column("vector")),
        interactions=interactions,
        plays=plays,
        clock=_read(tables, pins, LISTENER_CLOCK),
        aliases=_aliases(_read(tables, pins, TRACK_MATCHES, ["own_track_id", "track_id"])),
    )


def _read(tables: Tables, pins: Pins, table: Table, columns: list[str] | None = None) -> pa.Table:
    return tables.read(table, pins[table.name], columns).combine_chunks()


def _aligned(
    tables: Tables, pins: Pins, table: Table, features: pa.Table, columns: list[str] | None = None
) -> pa.Table:
    rows = _read(tables, pins, table, columns)
    if not rows.column("track_id").equals(features.column("track_id")):
        msg = (
            f"table {table.name!r} has {rows.num_rows} tracks and {TRACK_FEATURE_VIEW.name!r} "
            f"{features.num_rows}; both must be about the same tracks, in the same order"
        )
        raise ContractBroken(msg)
    return rows


def _interactions(plays: pa.Table, features: pa.Table) -> tuple[Interactions, pa.Table]:
    listeners = plays.column("listener_id").combine_chunks().dictionary_encode()
    ids = np.array(listeners.dictionary.to_pylist(), dtype=object)
    rows = listeners.indices.to_numpy().astype(np.int64)
    columns = pc.index_in(plays.column("track_id"), value_set=features.column("track_id").combine_chunks())
    if columns.null_count:
        msg = f"table {LISTENER_PLAYS.name!r} has {columns.null_count} rows about tracks that don't exist"
        raise ContractBroken(msg)
    tracks = columns.to_numpy().astype(np.int64)
    shape = (len(ids), features.num_rows)
    matrix = to_csr(liking(plays), rows, tracks, shape)
    items = np.array(features.column("track_id").to_pylist(), dtype=object)
    numbered = plays.append_column("listener", pa.array(rows)).append_column("track", pa.array(tracks))
    return Interactions(matrix, ids, items), numbered


def liking(plays: pa.Table) -> Floats:
    """Tell liking from plays: how often a track was heard out; below zero where it was only skipped.

    What a listener said counts for more than what they played: a like for some plays, and of two things
    said the later. Who dislikes a track dislikes it, however often it was played.
    """
    counts = plays.column("plays_count").to_numpy()
    skips = plays.column("skips_count").to_numpy()
    heard = counts - skips
    verdicts = plays.column("verdict").to_numpy()
    unspoken = np.where(heard > 0, heard, -np.maximum(skips, 1))
    spoken = np.where(verdicts > 0, np.maximum(heard, 0) + LIKE_WORTH, -np.maximum(counts, 1))
    likes: Floats = np.where(verdicts == 0, unspoken, spoken).astype(np.float32)
    return likes


def _aliases(matches: pa.Table) -> dict[str, str]:
    moved: Any = matches.filter(pc.not_equal(matches.column("own_track_id"), matches.column("track_id")))
    return dict(
        zip(moved.column("own_track_id").to_pylist(), moved.column("track_id").to_pylist(), strict=True)
    )
