"""The tracks of an opened release: their cards, their small facts as arrays, their rows by id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from timbral.recommender.release.fields import Numbers, Texts
from timbral.recommender.release.view import DIGITS, TrackCard, TrackColumns
from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from timbral.recommender.release.view import Rows

CARDS_KEPT = 20_000
"""Cards that are kept once made, about 20 MB: making one from its columns takes longer than all else."""
_TEXTS = ("track_id", "title", "artist", "artist_id", "album", "spotify_id", "mood_confidence")
_LISTS = ("genres", "tags", "moods")
_NUMBERS = ("year", "energy", "valence", "popularity")


class TrackCards:
    """Cards by row.

    Args:
        tracks: `timbral.recommender.release.layout.TRACKS_SCHEMA`.
    """

    def __init__(self, tracks: pa.Table) -> None:
        column = {name: tracks.column(name).combine_chunks() for name in (*_TEXTS, *_LISTS, *_NUMBERS)}
        self._texts = Texts([column[name] for name in _TEXTS], [column[name] for name in _LISTS])
        self._numbers = Numbers([column[name] for name in _NUMBERS], DIGITS)
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

    def _made(self, rows: Sequence[int]) -> Iterator[TrackCard]:
        wanted = np.array(rows, np.int64)
        found = zip(rows, self._texts.of(wanted), self._numbers.of(wanted), strict=True)
        for row, texts, (year, energy, valence, popularity) in found:
            track_id, title, artist, artist_id, album, spotify_id, confidence, genres, tags, moods = texts
            yield TrackCard(
                row,
                track_id,
                title,
                artist,
                artist_id,
                album or None,
                int(year) or None,
                genres,
                tags,
                moods,
                energy,
                valence,
                confidence,
                popularity,
                spotify_id or None,
            )


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
