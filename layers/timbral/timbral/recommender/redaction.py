"""A release without somebody: their row and the tracks that only they knew are taken out, nothing is trained.

What was learned from all listeners together stays as it is until the next release. Where no track goes, only
the file that they are in is written anew, and the others are copied in the store, whatever their size; else
rows are numbered anew, and all that is looked up by them is built again.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from timbral.recommender.lists import dense
from timbral.recommender.release import layout
from timbral.recommender.release.arrow_files import read_arrow
from timbral.recommender.release.build import Contents, build_release, write_arrow
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
            (cache / "build").mkdir()
            counts, is_whole = write_without(cache / "build", files, listener_id, set(track_ids))
            inputs = served.inputs | {"redacted": [served.release, listener_key(listener_id)]}
            named = release_id(inputs)
            build, digests = releases.upload(named, cache / "build", None if is_whole else served)
            made = replace(
                served,
                release=named,
                build=build,
                files=digests,
                inputs=inputs,
                counts=served.counts | counts,
                built_at_uts=now_uts,
            )
            releases.register(made)
            releases.promote(named)
        return releases.forget([manifest.release for manifest in knowing])


def _knows(files: StoredFiles, listener_id: str, track_ids: set[str]) -> bool:
    card = _card(files)
    if card.shards_count:
        listeners = _listeners(files, _shard_of(card, listener_id))
        if listener_id in listeners["listener_id"].to_pylist():
            return True
    return _has_any(files, track_ids)


def _has_any(files: StoredFiles, track_ids: set[str]) -> bool:
    if not track_ids:
        return False
    tracks = read_arrow(files.path(layout.TRACKS_FILE), layout.TRACKS_SCHEMA)
    return not track_ids.isdisjoint(tracks.column("track_id").to_pylist())


def _card(files: StoredFiles) -> layout.ModelCard:
    return layout.load_model_card(files.path(layout.MODEL_FILE).read_bytes())


def _shard_of(card: layout.ModelCard, listener_id: str) -> str:
    return layout.shard_file(layout.shard_of(listener_id, card.shards_count))


def _listeners(files: StoredFiles, shard: str) -> pa.Table:
    return read_arrow(files.path(shard), layout.LISTENERS_SCHEMA)


def write_without(
    folder: Path, files: StoredFiles, listener_id: str, track_ids: set[str]
) -> tuple[dict[str, int], bool]:
    """Write the files of a release that aren't the same without a listener and some tracks.

    Args:
        folder: An empty folder.
        files: The release's.
        listener_id: The listener.
        track_ids: The tracks.

    Returns:
        Its counts as far as they change, and whether all of its files were written.
    """
    if _has_any(files, track_ids):
        contents = without(read_contents(files), listener_id, track_ids)
        build_release(folder, contents)
        return {"tracks": contents.tracks.num_rows, "listeners": contents.listeners.num_rows}, True
    card = _card(files)
    shard = _shard_of(card, listener_id)
    rows = _listeners(files, shard)
    others = rows.filter(pc.not_equal(rows["listener_id"], listener_id))
    left_count = card.listeners_count - (rows.num_rows - others.num_rows)
    (folder / shard).parent.mkdir()
    write_arrow(folder / shard, others)
    replace(card, listeners_count=left_count).write(folder)
    return {"listeners": left_count}, False


def read_contents(files: StoredFiles) -> Contents:
    """Read what a release was built from back out of its files."""
    card = _card(files)

    def array(name: str) -> Any:
        return np.load(files.path(name), mmap_mode="r", allow_pickle=False)

    listeners = [_listeners(files, layout.shard_file(shard)) for shard in range(card.shards_count)]
    factors = array(layout.FACTORS_FILE)
    searched = wait_for(files.lance().query().select(["row", "text_vector"]).to_arrow()).sort_by("row")
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
    listeners = contents.listeners.filter(pc.not_equal(contents.listeners["listener_id"], listener_id))
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
        listeners=renumbered(listeners, row_of),
        aliases={
            alias: track_id for alias, track_id in contents.aliases.items() if track_id not in track_ids
        },
        card=replace(contents.card, listeners_count=listeners.num_rows),
    )


def renumbered(listeners: pa.Table, row_of: NDArray[np.int64]) -> pa.Table:
    """Give the tracks that listeners played their new rows, and leave out those that are gone.

    Args:
        listeners: `timbral.recommender.release.layout.LISTENERS_SCHEMA`.
        row_of: ``(n,)`` the new row of each track, -1 for one that is gone.
    """
    found = listeners.combine_chunks()
    old = found["rows"].combine_chunks()
    rows = row_of[old.flatten().to_numpy()]
    kept = rows >= 0
    offsets = np.concatenate([[0], np.cumsum(pc.list_value_length(old).to_numpy())])
    left = np.concatenate([[0], np.cumsum(kept)])[offsets].astype(np.int32)
    for name in _BY_ROW:
        values = rows if name == "rows" else found[name].combine_chunks().flatten().to_numpy()
        if not len(values):
            continue  # releases of before lack it
        lists = pa.ListArray.from_arrays(pa.array(left), pa.array(values[kept]))
        found = found.set_column(found.column_names.index(name), name, lists)
    return found.cast(layout.LISTENERS_SCHEMA)
