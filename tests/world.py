"""A planted world of any size: invented tracks in blocks, listeners with known tastes, and the truth.

``make_world()`` is 40 listeners and 200 tracks in milliseconds;
``make_world(listeners_count=2_000, tracks_count=100_000)`` takes seconds. Each listener likes one
to three blocks, has heard four fifths of them and, as noise, a few tracks that everybody hears.
A recommender that works gives the unheard fifth back: see `recall_at`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import csv

from tests import world_draws
from tests.world_names import track_names

if TYPE_CHECKING:
    from pathlib import Path

NOW_UTS = 1_760_000_000
HELD_OUT_SHARE = 0.2
_MOST_BLOCKS = 500  # of more, some would have the same tags


@dataclass(frozen=True)
class World:
    """Plain data; listeners and tracks are numbered from 0.

    Attributes:
        listeners: Names, ``(n_listeners,)``.
        artists: ``(n_tracks,)`` names; about ten tracks share one, all in the same block.
        titles: ``(n_tracks,)`` titles; artist and title together are unique.
        albums: ``(n_tracks,)`` album names.
        track_block: ``(n_tracks,)`` the block of each track.
        listener_blocks: Per listener, the blocks that are liked.
        held_out: Per listener, the tracks of these blocks that were never played: the truth.
        play_listener: ``(n_plays,)`` who played, ascending.
        play_track: ``(n_plays,)`` what.
        play_uts: ``(n_plays,)`` when, in Unix seconds, ascending and different within a listener.
        play_respelled: ``(n_plays,)`` whether the play is spelled as in ``duplicates``.
        duplicates: ``{track: another spelling of its title}``: the same recording.
        live_versions: ``[(live track, studio track)]``: never the same recording.
        tag_track: ``(n_tags,)`` track of a tag vote.
        tag_name: ``(n_tags,)`` the tag.
        tag_count: ``(n_tags,)`` its weight, 1 to 100.
    """

    listeners: list[str]
    artists: np.ndarray
    titles: np.ndarray
    albums: np.ndarray
    track_block: np.ndarray
    listener_blocks: list[np.ndarray]
    held_out: list[np.ndarray]
    play_listener: np.ndarray
    play_track: np.ndarray
    play_uts: np.ndarray
    play_respelled: np.ndarray
    duplicates: dict[int, str]
    live_versions: list[tuple[int, int]]
    tag_track: np.ndarray
    tag_name: np.ndarray
    tag_count: np.ndarray

    def play_counts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return listener, track and plays of each pair that has any, each ``(n_pairs,)``."""
        cells = self.play_listener.astype(np.int64) * len(self.titles) + self.play_track
        pairs, counts = np.unique(cells, return_counts=True)
        return pairs // len(self.titles), pairs % len(self.titles), counts


def make_world(
    listeners_count: int = 40,
    tracks_count: int = 200,
    blocks_count: int | None = None,
    seed: int = 7,
    now_uts: int = NOW_UTS,
) -> World:
    """Make a world; the same arguments make the same one.

    Args:
        listeners_count: At least 1.
        tracks_count: At least 20.
        blocks_count: Where it is None, blocks of at least 25 tracks with about ten listeners each.
        seed: Seed of everything that is drawn.
        now_uts: The last 540 days before this are simulated.
    """
    rng = np.random.default_rng(seed)
    blocks_count = blocks_count or max(2, min(tracks_count // 25, listeners_count // 5, _MOST_BLOCKS))
    track_block = np.arange(tracks_count) * blocks_count // tracks_count
    artists, titles, albums = track_names(track_block)
    live_versions = world_draws.sing_live(titles, albums, artists, rng)
    duplicates = world_draws.respell(titles, {track for pair in live_versions for track in pair}, rng)
    listener_blocks = world_draws.deal_blocks(listeners_count, blocks_count, rng)
    starts = np.searchsorted(track_block, np.arange(blocks_count + 1))
    hits = rng.permutation(tracks_count)[: max(10, tracks_count // 100)]
    held_out, plays = [], []
    for blocks in listener_blocks:
        pool = np.concatenate([np.arange(starts[block], starts[block + 1]) for block in blocks])
        unheard = rng.random(len(pool)).argsort()[: max(1, round(len(pool) * HELD_OUT_SHARE))]
        held_out.append(np.sort(pool[unheard]))
        plays.append(world_draws.play(np.delete(pool, unheard), np.setdiff1d(hits, held_out[-1]), rng))
    play_track = np.concatenate(plays)
    counts = [len(own) for own in plays]
    tag_track, tag_name, tag_count = world_draws.tag(track_block, rng)
    return World(
        listeners=[f"listener{number:06d}" for number in range(listeners_count)],
        artists=artists,
        titles=titles,
        albums=albums,
        track_block=track_block,
        listener_blocks=listener_blocks,
        held_out=held_out,
        play_listener=np.repeat(np.arange(listeners_count), counts),
        play_track=play_track,
        play_uts=np.concatenate([world_draws.times(count, now_uts, rng) for count in counts]),
        play_respelled=np.isin(play_track, list(duplicates)) & (rng.random(len(play_track)) < 0.5),
        duplicates=duplicates,
        live_versions=live_versions,
        tag_track=tag_track,
        tag_name=tag_name,
        tag_count=tag_count,
    )


def recall_at(world: World, top: np.ndarray) -> float:
    """Return the mean share of the held-out tracks found, of at most k that can be.

    Args:
        world: The truth.
        top: ``(n_listeners, k)`` recommended tracks, heard ones excluded, best first.
    """
    found = [
        len(np.intersect1d(row, truth)) / min(len(row), len(truth))
        for row, truth in zip(top, world.held_out, strict=True)
    ]
    return float(np.mean(found))


def track_vectors(world: World, dimension: int = 64, noise: float = 0.5, seed: int = 7) -> np.ndarray:
    """Return ``(n_tracks, dimension)`` unit vectors, alike within a block: stand-ins for content."""
    rng = np.random.default_rng([seed, 1])
    centres = rng.normal(size=(int(world.track_block[-1]) + 1, dimension))
    vectors = centres[world.track_block] + noise * rng.normal(size=(len(world.titles), dimension))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def write_world(world: World, folder: Path) -> tuple[Path, Path]:
    """Write ``plays.csv`` (listener, artist, track, album, uts), ``tags.csv`` (artist, track, tag, count)."""
    spelled = world.titles.copy()
    for track, spelling in world.duplicates.items():
        spelled[track] = spelling
    played = np.where(world.play_respelled, spelled[world.play_track], world.titles[world.play_track])
    plays = {
        "listener": np.array(world.listeners, dtype=object)[world.play_listener],
        "artist": world.artists[world.play_track],
        "track": played,
        "album": world.albums[world.play_track],
        "uts": world.play_uts,
    }
    tags = {
        "artist": world.artists[world.tag_track],
        "track": world.titles[world.tag_track],
        "tag": world.tag_name,
        "count": world.tag_count,
    }
    folder.mkdir(parents=True, exist_ok=True)
    csv.write_csv(pa.table(plays), folder / "plays.csv")
    csv.write_csv(pa.table(tags), folder / "tags.csv")
    return folder / "plays.csv", folder / "tags.csv"
