"""A release without somebody: their row and the tracks that only they knew are taken out, nothing is trained.

What was learned from all listeners together stays as it is until the next release.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from timbral.recommender.lists import dense
from timbral.recommender.release import layout
from timbral.recommender.release.arrow_files import read_arrow
from timbral.recommender.release.build import Contents, build_release
from timbral.recommender.release.lance import wait_for
from timbral.recommender.release.source import StoredFiles
from timbral.store.listeners import listener_key
from timbral.store.releases import release_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from timbral.store.releases import Releases

    Flags = NDArray[np.bool_]

_BY_ROW = ("rows", "plays", "recent_plays", "last_at_uts", "month_plays", "week_plays", "verdicts")


def redact(
    releases: Releases, scratch: Path, listener_id: str, track_ids: Sequence[str], now_uts: int
) -> int:
    """Serve the present release without a listener, and delete every release that knows them.

    Args:
        releases: The store's releases.
        scratch: A local folder.
        listener_id: Who is taken out.
        track_ids: Tracks that only they knew.
        now_uts: The present.

    Returns:
        How many objects were deleted.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        cache = Path(folder)
        knowing = [
            manifest
            for manifest in releases.list()
            if _knows(StoredFiles(releases, manifest, cache / "files"), listener_id, set(track_ids))
        ]
        pointer = releases.current()
        served = next((one for one in knowing if pointer and one.release == pointer.release), None)
        if served is not None:
            files = StoredFiles(releases, served, cache / "files")
            contents = without(read_contents(files), listener_id, set(track_ids))
            (cache / "build").mkdir()
            build_release(cache / "build", contents)
            inputs = served.inputs | {"redacted": [served.release, listener_key(listener_id)]}
            named = release_id(inputs)
            build, digests = releases.upload(named, cache / "build")
            counts = served.counts | {
                "tracks": contents.tracks.num_rows,
                "listeners": contents.listeners.num_rows,
            }
            made = replace(
                served,
                release=named,
                build=build,
                files=digests,
                inputs=inputs,
                counts=counts,
                built_at_uts=now_uts,
            )
            releases.register(made)
            releases.promote(named)
        return releases.forget([manifest.release for manifest in knowing])


def _knows(files: StoredFiles, listener_id: str, track_ids: set[str]) -> bool:
    card = layout.load_model_card(files.path(layout.MODEL_FILE).read_bytes())
    if card.shards_count:
        shard = layout.shard_file(layout.shard_of(listener_id, card.shards_count))
        listeners = read_arrow(files.path(shard), layout.LISTENERS_SCHEMA)
        if listener_id in listeners.column("listener_id").to_pylist():
            return True
    if not track_ids:
        return False
    tracks = read_arrow(files.path(layout.TRACKS_FILE), layout.TRACKS_SCHEMA)
    return not track_ids.isdisjoint(tracks.column("track_id").to_pylist())


def read_contents(files: StoredFiles) -> Contents:
    """Read what a release was built from back out of its files."""
    card = layout.load_model_card(files.path(layout.MODEL_FILE).read_bytes())

    def array(name: str) -> Any:
        return np.load(files.path(name), allow_pickle=False)

    shards = [files.path(layout.shard_file(shard)) for shard in range(card.shards_count)]
    listeners = [read_arrow(shard, layout.LISTENERS_SCHEMA) for shard in shards]
    factors = array(layout.FACTORS_FILE)
    searched = wait_for(files.lance().to_arrow()).sort_by("row")
    return Contents(
        tracks=read_arrow(files.path(layout.TRACKS_FILE), layout.TRACKS_SCHEMA).combine_chunks(),
        vectors=array(layout.VECTORS_FILE),
        text_vectors=dense(searched.column("text_vector").cast(pa.list_(pa.float32()))),
        factors=factors,
        item_weights=array(layout.ITEM_WEIGHTS_FILE),
        newcomers=array(layout.NEWCOMERS_FILE) if card.has_newcomers else np.zeros_like(factors),
        gram=array(layout.GRAM_FILE),
        neighbours=array(layout.NEIGHBOURS_FILE),
        neighbour_shares=array(layout.NEIGHBOUR_SHARES_FILE),
        listeners=pa.concat_tables(listeners or [layout.LISTENERS_SCHEMA.empty_table()]).sort_by(
            "listener_id"
        ),
        aliases=layout.load_aliases(files.path(layout.ALIASES_FILE).read_bytes()),
        card=card,
    )


def without(contents: Contents, listener_id: str, track_ids: set[str]) -> Contents:
    """Take a listener and some tracks out; the rows of the others are numbered anew.

    Args:
        contents: A release's.
        listener_id: The listener.
        track_ids: The tracks.
    """
    ids = contents.tracks.column("track_id").to_pylist()
    kept: Flags = np.array([track_id not in track_ids for track_id in ids], np.bool_)
    row_of = np.where(kept, np.cumsum(kept) - 1, -1)
    mask = pa.array(kept)
    others = contents.neighbours[kept]
    neighbours = np.where(others >= 0, row_of[others], -1)
    rows = [
        _renumbered(row, row_of)
        for row in contents.listeners.to_pylist()
        if row["listener_id"] != listener_id
    ]
    return replace(
        contents,
        tracks=contents.tracks.filter(mask),
        vectors=contents.vectors[kept],
        text_vectors=contents.text_vectors[kept],
        factors=contents.factors[kept],
        item_weights=contents.item_weights[kept],
        newcomers=contents.newcomers[kept],
        neighbours=neighbours.astype(np.int32),
        neighbour_shares=np.where(neighbours >= 0, contents.neighbour_shares[kept], 0).astype(np.float32),
        listeners=pa.Table.from_pylist(rows, schema=layout.LISTENERS_SCHEMA),
        aliases={
            alias: track_id for alias, track_id in contents.aliases.items() if track_id not in track_ids
        },
        card=replace(contents.card, listeners_count=len(rows)),
    )


def _renumbered(row: dict[str, Any], row_of: NDArray[np.int64]) -> dict[str, Any]:
    numbers = row_of[np.array(row["rows"], np.int64)]
    kept = numbers >= 0
    if kept.all():
        return row | {"rows": numbers.tolist()}
    lists = {name: np.array(row[name])[kept].tolist() for name in _BY_ROW if row[name]}
    return row | lists | {"rows": numbers[kept].tolist()}
