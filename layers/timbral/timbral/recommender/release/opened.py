"""A release opened for reading: small facts and factors in memory, the rest when it is asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from timbral.errors import ContractBroken
from timbral.recommender.models.co_listening import VOTE_POWER, co_listening
from timbral.recommender.models.fold_in import Confidence, FoldIn
from timbral.recommender.models.fusion import Blend
from timbral.recommender.models.fusion import fuse as blend_scores
from timbral.recommender.models.newcomers import is_newcomer, leaning
from timbral.recommender.release import layout
from timbral.recommender.release.arrow_files import read_arrow
from timbral.recommender.release.echoes import hybrid
from timbral.recommender.release.listeners import ListenerShards
from timbral.recommender.release.name_search import NameSearch
from timbral.recommender.release.names import NameGrams
from timbral.recommender.release.rows import passing, products, taste_vector, top
from timbral.recommender.release.search import SearchIndex
from timbral.recommender.release.tracks import TrackCards, track_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from timbral.recommender.release.ports import ReleaseFiles, TextEncoder
    from timbral.recommender.release.view import (
        Floats,
        ListenerProfile,
        Rows,
        TrackCard,
        TrackColumns,
        TrackFilter,
    )

EXACT_UP_TO = 50_000
"""Tracks up to which likeness is computed with all of them in memory; beyond, the index is asked."""
MARGIN = 20
"""How many more the index is asked for than are wanted, since it rounds: it finds the right tracks, and the
vectors themselves put them into the right order."""


class OpenRelease:
    """A `ReleaseView` over a release's files.

    Args:
        files: The files.
        encoder: Returns the encoder that the release was built with; called at the first search.
    """

    def __init__(self, files: ReleaseFiles, encoder: Callable[[], TextEncoder]) -> None:
        self.release = files.release
        self._files = files
        self._encoder = encoder
        self._card = layout.load_model_card(files.path(layout.MODEL_FILE).read_bytes())
        self._tracks = read_arrow(files.path(layout.TRACKS_FILE), layout.TRACKS_SCHEMA)
        self.tracks_count: int = self._tracks.num_rows
        self._cards = TrackCards(self._tracks)
        self._listeners = ListenerShards(files.path, self._card.shards_count)

    @cached_property
    def _factors(self) -> Floats:
        factors: Floats = self._array(layout.FACTORS_FILE)
        return factors

    @cached_property
    def _vectors(self) -> Floats:
        vectors: Floats = self._array(layout.VECTORS_FILE)
        return vectors

    @cached_property
    def _neighbours(self) -> tuple[Any, Floats]:
        return self._array(layout.NEIGHBOURS_FILE), self._array(layout.NEIGHBOUR_SHARES_FILE)

    @cached_property
    def _newcomers(self) -> Floats:
        newcomers: Floats = self._array(layout.NEWCOMERS_FILE)
        return newcomers

    @cached_property
    def _fold_in(self) -> FoldIn:
        gram = np.load(self._files.path(layout.GRAM_FILE), allow_pickle=False)
        return FoldIn(self._factors, self._card.regularization, gram)

    @cached_property
    def _confidence(self) -> Confidence:
        weights = self._array(layout.ITEM_WEIGHTS_FILE)
        card = self._card
        return Confidence(card.weighting, card.confidence, weights, card.emphasis)  # type: ignore[arg-type]  # checked there

    @cached_property
    def _rows_by_id(self) -> dict[str, int]:
        rows = {track_id: row for row, track_id in enumerate(self._tracks.column("track_id").to_pylist())}
        aliases = layout.load_aliases(self._files.path(layout.ALIASES_FILE).read_bytes())
        return {alias: rows[track_id] for alias, track_id in aliases.items() if track_id in rows} | rows

    @cached_property
    def _names(self) -> NameSearch:
        starts, rows, lengths = (
            np.load(self._files.path(name), mmap_mode="r", allow_pickle=False)
            for name in (
                layout.NAME_GRAM_STARTS_FILE,
                layout.NAME_GRAM_ROWS_FILE,
                layout.NAME_GRAM_LENGTHS_FILE,
            )
        )
        return NameSearch(NameGrams(np.asarray(starts), np.asarray(rows), np.asarray(lengths)), self._tracks)

    @cached_property
    def _search_index(self) -> SearchIndex:
        return SearchIndex(self._files.lance(), self._card.fragment_rows, self.tracks_count)

    @cached_property
    def _columns(self) -> TrackColumns:
        return track_columns(self._tracks)

    def _array(self, name: str) -> Any:
        array = np.load(self._files.path(name), mmap_mode="r", allow_pickle=False)
        if array.shape[0] != self.tracks_count:
            msg = (
                f"{name} of release {self.release!r} has {array.shape[0]} rows for {self.tracks_count} tracks"
            )
            raise ContractBroken(msg)
        return np.asarray(array)

    def columns(self) -> TrackColumns:
        """Return every track's small facts."""
        return self._columns

    def rows(self, track_ids: Sequence[str]) -> Rows:
        """Return the row of each track; see `ReleaseView.rows`."""
        known = self._rows_by_id
        return np.array([known.get(track_id, -1) for track_id in track_ids], dtype=np.int64)

    def cards(self, rows: Sequence[int]) -> list[TrackCard]:
        """Return the cards of some rows, in the order asked."""
        return self._cards.of(rows)

    def listener(self, listener_id: str) -> ListenerProfile | None:
        """Return what is known of a listener, or None if nothing is."""
        return self._listeners.profile(listener_id)

    def vectors(self, rows: Sequence[int] | Rows) -> Floats:
        """Return ``(k, 256)`` normalised track vectors of some rows."""
        return self._vectors[np.asarray(rows, dtype=np.int64)]

    def scores(self, factors: Floats, taste_vector: Floats, library: Rows) -> Floats:
        """Return ``(n,)`` fused scores; see `ReleaseView.scores`."""
        card = self._card
        blend = Blend(card.alpha, card.beta, card.gamma, card.delta)
        together = co_listening(*self._neighbours, library, VOTE_POWER) if card.delta else None
        cf = products(self._factors, factors)
        likeness = products(self._vectors, taste_vector)
        return blend_scores(cf, likeness, self._columns.popularity, blend, together)

    def fold_in(self, rows: Sequence[int], weights: Sequence[float]) -> tuple[Floats, Floats]:
        """Place somebody by what they played; see `ReleaseView.fold_in`."""
        played = np.asarray(rows, dtype=np.int64)
        plays = np.asarray(weights, dtype=np.float32)
        factors = self._fold_in.one(played, self._confidence.of(played, plays))
        if self._card.has_newcomers and is_newcomer(plays):
            factors += leaning(self._newcomers[played], plays)
        return factors, taste_vector(self._vectors[played], plays)

    def near(self, vector: Floats, count: int, only: TrackFilter) -> Rows:
        """Return rows among which the nearest to a track vector are; see `ReleaseView.near`."""
        if self.tracks_count > EXACT_UP_TO:
            return self._search_index.near(vector, count + MARGIN, only)
        return top(self._cosines(vector, only), count)

    def nearest_many(self, vectors: Floats, count: int, only: TrackFilter) -> Rows:
        """Return the rows nearest to any of some vectors; see `ReleaseView.nearest_many`."""
        if self.tracks_count > EXACT_UP_TO:
            return np.unique(self._search_index.nearest_many(vectors, count, only))
        return np.unique(np.concatenate([top(self._cosines(vector, only), count) for vector in vectors]))

    def _cosines(self, vector: Floats, only: TrackFilter) -> Floats:
        """Return ``(n,)`` cosines, minus infinity for tracks that don't count."""
        cosines = products(self._vectors, vector)
        allowed = passing(self._columns, only)
        return cosines if allowed is None else np.where(allowed, cosines, -np.inf)

    def companions(self, row: int) -> tuple[Rows, Floats]:
        """Return what is played most together with one track; see `ReleaseView.companions`."""
        neighbours, shares = self._neighbours
        known = neighbours[row] >= 0
        return neighbours[row][known].astype(np.int64), shares[row][known]

    def co_listened(self, rows: Sequence[int]) -> Floats:
        """Return ``(n,)`` shares of co-listening; see `ReleaseView.co_listened`."""
        voting = np.asarray(rows, dtype=np.int64)
        return co_listening(*self._neighbours, voting) / np.float32(max(len(voting), 1))

    def search(self, text: str, count: int, only: TrackFilter) -> tuple[Rows, Floats]:
        """Return the tracks that a text asks for; see `ReleaseView.search`."""
        vector = self._encoder().encode([text])[0]
        named = self._names.find(text, passing(self._columns, only))
        ranked = self._search_index.ranked(text, vector, named, count, only)
        return hybrid(text, ranked, self._labels, count)

    def _labels(self, rows: Rows) -> list[tuple[str, ...]]:
        return [(*card.genres, *card.moods, *card.tags) for card in self.cards(rows.tolist())]

    def suggest(self, text: str) -> str | None:
        """Return the name that a misspelt one most likely means; see `ReleaseView.suggest`."""
        return self._names.find(text).suggestion
