"""From what is known and what was trained to what goes into a release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from timbral.recommender.listeners import listener_rows
from timbral.recommender.models.fusion import Blend, popularity_shares
from timbral.recommender.release.build import Contents
from timbral.recommender.release.layout import LISTENERS_PER_SHARD, TRACKS_SCHEMA, ModelCard

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from timbral.recommender.known import Known
    from timbral.recommender.training import Trained

    Rows = NDArray[np.int64]


def assemble(known: Known, trained: Trained, blend: Blend, encoder: str) -> Contents:
    """Choose and put in order what a release holds: every track that has a name.

    Args:
        known: What the stages know.
        trained: What was trained on it.
        blend: The weights of the score.
        encoder: Version of the encoder artifact.
    """
    chosen = np.flatnonzero(known.is_named)
    row_of = np.full(known.features.num_rows, -1, dtype=np.int64)
    row_of[chosen] = np.arange(len(chosen))
    listeners_count = known.interactions.n_listeners
    weights = trained.confidence.item_weights
    return Contents(
        tracks=_tracks(known, chosen),
        vectors=known.vectors[chosen],
        text_vectors=known.text_vectors[chosen],
        factors=trained.items[chosen],
        item_weights=weights[chosen] if weights is not None else np.ones(len(chosen), dtype=np.float32),
        gram=trained.gram,
        newcomers=trained.newcomers[chosen],
        neighbours=_renumbered(trained.neighbours[chosen], row_of),
        neighbour_shares=trained.neighbour_shares[chosen],
        listeners=listener_rows(known, trained.listeners, row_of),
        aliases=known.aliases,
        card=ModelCard(
            weighting=trained.confidence.weighting,
            confidence=trained.confidence.scale,
            emphasis=trained.confidence.emphasis,
            regularization=trained.regularization,
            alpha=blend.alpha,
            beta=blend.beta,
            gamma=blend.gamma,
            delta=blend.delta,
            has_newcomers=True,
            encoder=encoder,
            encoder_dimension=known.text_vectors.shape[1],
            shards_count=-(-listeners_count // LISTENERS_PER_SHARD),
            listeners_count=listeners_count,
        ),
    )


def _renumbered(neighbours: NDArray[np.int32], row_of: Rows) -> NDArray[np.int32]:
    known = neighbours >= 0
    return np.where(known, row_of[np.where(known, neighbours, 0)], -1).astype(np.int32)


def _tracks(known: Known, chosen: Rows) -> pa.Table:
    rows = pa.array(chosen)
    features, moods = known.features.take(rows), known.moods.take(rows)
    recent, first = _recent_and_first(known)
    popularity = popularity_shares(features.column("listeners_count").to_numpy())
    columns = {name: features.column(name) for name in features.column_names if name in TRACKS_SCHEMA.names}
    columns |= {name: moods.column(name) for name in moods.column_names if name in TRACKS_SCHEMA.names}
    columns |= {
        "popularity": pa.array(popularity, pa.float32()),
        "plays_count": features.column("total_plays_count"),
        "recent_plays_count": pa.array(recent[chosen]),
        "first_played_uts": pa.array(first[chosen]),
    }
    return pa.table({name: columns[name] for name in TRACKS_SCHEMA.names}).cast(TRACKS_SCHEMA)


def _recent_and_first(known: Known) -> tuple[Rows, Rows]:
    tracks = known.plays.column("track").to_numpy()
    recent = np.zeros(known.features.num_rows, dtype=np.int64)
    np.add.at(recent, tracks, known.plays.column("recent_plays_count").to_numpy())
    never = np.iinfo(np.int64).max
    first = np.full(known.features.num_rows, never, dtype=np.int64)
    np.minimum.at(first, tracks, pc.fill_null(known.plays.column("first_at_uts"), never).to_numpy())
    return recent, np.where(first == never, 0, first)
