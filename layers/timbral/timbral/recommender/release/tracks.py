"""The tracks of an opened release: their cards, their small facts as arrays, their rows by id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from timbral.recommender.release.fields import field_of
from timbral.recommender.release.view import TrackCard, TrackColumns
from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.recommender.release.view import Rows

CARDS_KEPT = 20_000
"""Cards that are kept once made, about 20 MB: making one from its columns takes longer than all else."""
_CARD_COLUMNS = (
    "track_id",
    "title",
    "artist",
    "artist_id",
    "album",
    "year",
    "genres",
    "tags",
    "moods",
    "energy",
    "valence",
    "mood_confidence",
    "popularity",
    "spotify_id",
)


class TrackCards:
    """Cards by row.

    Args:
        tracks: `timbral.recommender.release.layout.TRACKS_SCHEMA`.
    """

    def __init__(self, tracks: pa.Table) -> None:
        self._fields = [field_of(tracks.column(name).combine_chunks()) for name in _CARD_COLUMNS]
        self._kept: dict[int, TrackCard] = {}

    def of(self, rows: Sequence[int]) -> list[TrackCard]:
        """Return the cards of some rows, in the order asked.

        Raises:
            IndexError: There is no such row.
        """
        kept = self._kept
        missing = list(dict.fromkeys(row for row in rows if row not in kept))
        made = dict(zip(missing, self._made(missing), strict=True)) if missing else {}
        cards = [made.get(row) or kept[row] for row in rows]
        if len(kept) + len(made) > CARDS_KEPT:
            # Another thread may still read the old ones: they are left to it whole.
            self._kept = made
        else:
            kept.update(made)
        return cards

    def _made(self, rows: Sequence[int]) -> list[TrackCard]:
        wanted = np.array(rows, np.int64)
        columns = [column.of(wanted) for column in self._fields]
        return [TrackCard._make(values) for values in zip(rows, *columns, strict=True)]


def track_columns(tracks: pa.Table) -> TrackColumns:
    """Turn the small facts of all tracks into arrays."""
    moods = tracks.column("moods").combine_chunks()
    flags = np.zeros((tracks.num_rows, len(MOODS)), dtype=bool)
    parents = pc.list_parent_indices(moods).to_numpy()
    for code, mood in enumerate(MOODS):
        flags[parents[pc.equal(pc.list_flatten(moods), mood).to_numpy(zero_copy_only=False)], code] = True
    numbers = {
        name: tracks.column(name).to_numpy()
        for name in ("popularity", "plays_count", "recent_plays_count", "first_played_uts")
    }
    artists = tracks.column("artist_id").combine_chunks().dictionary_encode()
    return TrackColumns(
        popularity=numbers["popularity"],
        artist_codes=artists.indices.to_numpy().astype(np.int64),
        years=pc.fill_null(tracks.column("year"), 0).to_numpy(),
        mood_shares=np.stack([tracks.column(mood).to_numpy() for mood in MOODS], axis=1),
        mood_flags=flags,
        genre_codes=_rows_by_label(tracks.column("genres").combine_chunks()),
        first_played_uts=numbers["first_played_uts"],
        recent_plays=numbers["recent_plays_count"],
        plays=numbers["plays_count"],
    )


def _rows_by_label(lists: pa.ListArray) -> dict[str, Rows]:
    parents = pc.list_parent_indices(lists).to_numpy()
    labels = pc.list_flatten(lists).dictionary_encode()
    codes = labels.indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    names = labels.dictionary.to_pylist()
    edges = np.searchsorted(codes[order], np.arange(len(names) + 1))
    return {
        name: parents[order[edges[code] : edges[code + 1]]].astype(np.int64)
        for code, name in enumerate(names)
    }
