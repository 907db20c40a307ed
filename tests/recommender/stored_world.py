"""A planted world as the tables that the recommender reads, without the stages before it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from tests.world import World, make_world, track_vectors
from timbral.stage import Pins
from timbral.store.tables import Tables
from timbral.tables.columns import MOODS
from timbral.tables.core import TRACK_MATCHES
from timbral.tables.declaration import Table
from timbral.tables.embeddings import TRACK_TEXT_EMBEDDING
from timbral.tables.features import LISTENER_CLOCK, LISTENER_PLAYS, TRACK_FEATURE_VIEW
from timbral.tables.mood import TRACK_MOOD_PRED
from timbral.tables.vectors import TRACK_VECTOR

TEXT_DIMENSION = 32


@dataclass(frozen=True)
class StoredWorld:
    """A world and the snapshots that hold it; track i of the world is ``track_ids[i]``."""

    world: World
    track_ids: list[str]
    pins: Pins


def store_world(tables: Tables, **sizes: Any) -> StoredWorld:
    """Publish a planted world."""
    world = make_world(**sizes)
    ids = [f"{number:032x}" for number in range(len(world.titles))]
    vectors = track_vectors(world, dimension=256)
    pins = {}

    def publish(table: Table, columns: dict[str, Any]) -> None:
        rows = pa.table({name: columns[name] for name in table.column_names if name in columns})
        snapshot, quarantined = tables.publish(table, [rows], "world")
        assert quarantined == {}
        pins[table.name] = snapshot

    publish(TRACK_FEATURE_VIEW, _features(world, ids))
    publish(LISTENER_PLAYS, _plays(world, ids))
    publish(LISTENER_CLOCK, _clock(world))
    publish(
        TRACK_TEXT_EMBEDDING,
        {
            "track_id": ids,
            "vector": pa.array(list(track_vectors(world, dimension=TEXT_DIMENSION)), pa.list_(pa.float32())),
            "texts_count": [1] * len(ids),
            "input_hash": ids,
        },
    )
    publish(TRACK_MOOD_PRED, _moods(ids))
    publish(
        TRACK_VECTOR,
        {
            "track_id": ids,
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.astype(np.float32).ravel()), 256),
            "has_audio": [False] * len(ids),
        },
    )
    publish(
        TRACK_MATCHES,
        {
            "spelling_id": ids,
            "track_id": ids,
            "own_track_id": ["f" * 32, *ids[1:]],
            "grade": ["exact"] * len(ids),
            "reason": ["planted"] * len(ids),
            "rules": [1] * len(ids),
        },
    )
    return StoredWorld(world, ids, pins)


def _features(world: World, ids: list[str]) -> dict[str, Any]:
    _, tracks, counts = world.play_counts()
    plays = np.bincount(tracks, weights=counts, minlength=len(ids)).astype(np.int64)
    tags: list[list[str]] = [[] for _ in ids]
    for track, name in zip(world.tag_track, world.tag_name, strict=True):
        tags[track].append(str(name))
    return {
        "track_id": ids,
        "artist_id": [f"{artist}".encode().hex()[:32] for artist in world.artists],
        "artist": list(world.artists),
        "title": list(world.titles),
        "album": list(world.albums),
        "year": [1990 + int(block) for block in world.track_block],
        "is_named": [True] * len(ids),
        "tags": tags,
        "tag_shares": pa.array(
            [[1 / len(own)] * len(own) if own else [] for own in tags], pa.list_(pa.float32())
        ),
        "genres": [own[:1] for own in tags],
        "spotify_genres": pa.array([[] for _ in ids], pa.list_(pa.string())),
        "review_snippets": pa.array([[] for _ in ids], pa.list_(pa.string())),
        "total_plays_count": plays,
        "listeners_count": np.bincount(tracks, minlength=len(ids)),
    }


def _plays(world: World, ids: list[str]) -> dict[str, Any]:
    listeners, tracks, counts = world.play_counts()
    last: dict[tuple[int, int], int] = {}
    for listener, track, uts in zip(world.play_listener, world.play_track, world.play_uts, strict=True):
        last[listener, track] = max(last.get((listener, track), 0), int(uts))
    names = [str(world.listeners[listener]) for listener in listeners]
    order = sorted(range(len(names)), key=lambda at: (names[at], ids[tracks[at]]))
    times = [last[listeners[at], tracks[at]] for at in order]
    return {
        "listener_id": [names[at] for at in order],
        "track_id": [ids[tracks[at]] for at in order],
        "plays_count": [int(counts[at]) for at in order],
        "skips_count": [0] * len(order),
        "first_at_uts": times,
        "last_at_uts": times,
        **dict.fromkeys(
            ("recent_plays_count", "month_plays_count", "week_plays_count", "verdict"), [0] * len(order)
        ),
    }


def _clock(world: World) -> dict[str, Any]:
    names = sorted(str(name) for name in world.listeners)
    return {
        "listener_id": names,
        "hour_counts": [[1] * 24 for _ in names],
        "recent_hour_counts": [[0] * 24 for _ in names],
        "month_hour_counts": [[0] * 24 for _ in names],
        "week_hour_counts": [[0] * 24 for _ in names],
        "newest_at_uts": [int(world.play_uts.max())] * len(names),
        "scrobbles_count": [24] * len(names),
    }


def _moods(ids: list[str]) -> dict[str, Any]:
    half = pa.array([0.5] * len(ids), pa.float32())
    return {
        "track_id": ids,
        "energy": half,
        "valence": half,
        **dict.fromkeys(MOODS, half),
        "moods": [["chill"] if number % 2 else ["dark"] for number in range(len(ids))],
        "mood_confidence": ["high"] * len(ids),
        "model": ["planted"] * len(ids),
        "input_hash": ids,
    }
