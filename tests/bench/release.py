"""A synthetic release of any size, published into a store of its own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tests.world import NOW_UTS, World, make_world
from timbral.digests import digest_text
from timbral.recommender.models.als import AlsSettings, confidence_for
from timbral.recommender.models.fold_in import FoldIn
from timbral.recommender.models.fusion import popularity_shares
from timbral.recommender.models.interactions import to_csr
from timbral.recommender.models.neighbours import nearest_by_listeners
from timbral.recommender.release.build import Contents, build_release
from timbral.recommender.release.layout import (
    LISTENERS_PER_SHARD,
    LISTENERS_SCHEMA,
    TRACKS_SCHEMA,
    ModelCard,
)
from timbral.recommender.release.rows import taste_vector
from timbral.store.releases import Manifest, Releases
from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from timbral.recommender.models.interactions import Csr

TEXT_DIMENSION = 384
FACTORS_COUNT = 128
GENRES_COUNT = 100  # each is borne by 1 % of the tracks
FIRST_YEAR, YEARS_COUNT = 1965, 60
NOISE = 1.0
PLACED_AT_ONCE = 50_000
RECENT_S = 90 * 86_400


def publish(releases: Releases, tracks_count: int, listeners_count: int) -> Manifest:
    """Build a release and serve it."""
    world = make_world(listeners_count=listeners_count, tracks_count=tracks_count)
    return publish_contents(releases, "bench", contents(world))


def publish_contents(releases: Releases, name: str, made: Contents) -> Manifest:
    """Build a release of some contents and serve it."""
    with tempfile.TemporaryDirectory() as folder:
        build_release(Path(folder), made)
        build, files = releases.upload(name, Path(folder))
    manifest = releases.register(Manifest(name, build, files, {}, decision={"promote": True}))
    releases.promote(name)
    return manifest


def contents(world: World) -> Contents:
    """Make up what a release of this world would hold; factors and vectors follow its blocks."""
    count = len(world.titles)
    rng = np.random.default_rng(5)
    listener, track, plays = world.play_counts()
    matrix = to_csr(plays.astype(np.float32), listener, track, (len(world.listeners), count))
    vectors = placed(world, dimension=256)
    factors = (0.2 * placed(world, dimension=FACTORS_COUNT, seed=8)).astype(np.float32)
    settings = AlsSettings()
    confidence = confidence_for(matrix, settings)
    gram = factors.T @ factors
    fold_in = FoldIn(factors, settings.regularization, gram)
    neighbours, shares = nearest_by_listeners(matrix)
    shards_count = -(-len(world.listeners) // LISTENERS_PER_SHARD)
    return Contents(
        tracks=_tracks(world, matrix, rng),
        vectors=vectors,
        text_vectors=placed(world, dimension=TEXT_DIMENSION, seed=9),
        factors=factors,
        item_weights=confidence.item_weights,
        newcomers=(0.1 * factors).astype(np.float32),
        gram=gram,
        neighbours=neighbours,
        neighbour_shares=shares,
        listeners=_listeners(world, matrix, vectors, fold_in, confidence),
        aliases={},
        card=ModelCard(
            weighting=confidence.weighting,
            confidence=confidence.scale,
            emphasis=confidence.emphasis,
            regularization=settings.regularization,
            alpha=0.8,
            beta=0.2,
            gamma=0.0,
            delta=0.1,
            has_newcomers=True,
            encoder="bench",
            encoder_dimension=TEXT_DIMENSION,
            shards_count=shards_count,
            listeners_count=len(world.listeners),
        ),
    )


def track_id(row: int) -> str:
    """Return the id of a track."""
    return f"{row:032x}"


def placed(world: World, dimension: int, seed: int = 7) -> Any:
    """Return ``(n_tracks, dimension)`` unit vectors, alike within a block, made a part at a time."""
    rng = np.random.default_rng([seed, 2])
    centres = rng.normal(size=(int(world.track_block[-1]) + 1, dimension)).astype(np.float32)
    vectors = centres[world.track_block]
    for start in range(0, len(vectors), PLACED_AT_ONCE):
        part = vectors[start : start + PLACED_AT_ONCE]
        part += np.float32(NOISE) * rng.standard_normal(part.shape, dtype=np.float32)
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return vectors


def _tracks(world: World, matrix: Csr, rng: np.random.Generator) -> pa.Table:
    count = len(world.titles)
    tags: list[list[str]] = [[] for _ in range(count)]
    for track, name in zip(world.tag_track.tolist(), world.tag_name.tolist(), strict=True):
        tags[track].append(name)
    plays = np.bincount(world.play_track, minlength=count)
    first = np.full(count, NOW_UTS)
    np.minimum.at(first, world.play_track, world.play_uts)
    shares = rng.random((count, len(MOODS))).astype(np.float32)
    listeners = np.asarray((matrix > 0).sum(axis=0)).ravel()
    columns: dict[str, Any] = {
        "track_id": [track_id(row) for row in range(count)],
        "title": list(world.titles),
        "artist": list(world.artists),
        "artist_id": [digest_text(str(artist)) for artist in world.artists],
        "album": list(world.albums),
        "year": FIRST_YEAR + rng.integers(0, YEARS_COUNT, count),
        "genres": [[f"genre {genre}"] for genre in rng.integers(0, GENRES_COUNT, count)],
        "tags": tags,
        "moods": [[MOODS[at] for at in np.flatnonzero(row > 0.75)] for row in shares],
        **{mood: shares[:, at] for at, mood in enumerate(MOODS)},
        "energy": shares[:, 0],
        "valence": shares[:, 1],
        "mood_confidence": ["high"] * count,
        "popularity": popularity_shares(listeners),
        "spotify_id": [None] * count,
        "plays_count": plays,
        "listeners_count": listeners,
        "recent_plays_count": np.bincount(
            world.play_track[world.play_uts > NOW_UTS - RECENT_S], minlength=count
        ),
        "first_played_uts": np.where(plays > 0, first, 0),
    }
    return pa.table({name: columns[name] for name in TRACKS_SCHEMA.names}).cast(TRACKS_SCHEMA)


def _listeners(world: World, matrix: Csr, vectors: Any, fold_in: FoldIn, confidence: Any) -> pa.Table:
    rows = []
    for number, name in enumerate(world.listeners):
        own = slice(matrix.indptr[number], matrix.indptr[number + 1])
        tracks, plays = matrix.indices[own], matrix.data[own]
        rows.append(
            {
                "listener_id": name,
                "factors": fold_in.one(tracks, confidence.of(tracks, plays)),
                "taste_vector": taste_vector(vectors[tracks], plays),
                "rows": tracks.astype(np.int64),
                "plays": plays.astype(np.int64),
                "recent_plays": np.zeros(len(tracks), np.int64),
                "last_at_uts": np.full(len(tracks), NOW_UTS - 2 * RECENT_S),
                "hour_counts": [1] * 24,
                "scrobbles_count": int(plays.sum()),
                "newest_at_uts": NOW_UTS,
            }
        )
    return pa.Table.from_pylist(rows, schema=LISTENERS_SCHEMA)
