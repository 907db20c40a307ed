"""What to evaluate on: a history file as the importers read it, or what a store knows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from timbral.core.normalise import identify, track_id
from timbral.recommender.models.content import (
    Content,
    Taggings,
    from_artists,
    from_taggings,
    from_vectors,
    tfidf,
)
from timbral.recommender.models.interactions import (
    Events,
    Interactions,
    dense_part,
    listeners_per_item,
    to_csr,
)
from timbral.tables.core import TRACK_MATCHES
from timbral.tables.raw import USER_SCROBBLES_RAW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from timbral.raw.interactions import PlaysData
    from timbral.recommender.known import Known
    from timbral.recommender.models.interactions import Indices
    from timbral.stage import Pins
    from timbral.store.tables import Tables

_TIMED = """
SELECT DISTINCT listener_id, track_id, scrobbled_at_uts AS at_uts
FROM user_scrobbles_raw JOIN track_matches USING (artist, track)
WHERE NOT coalesce(was_skipped, false)
ORDER BY ALL
"""
SONG_MIN_ITEMS = 10
SONG_MIN_LISTENERS = 3
"""What a file of single songs (the Taste Profile) is cut down to, as those who publish figures on it do."""


def item_key(artist: str, title: str) -> str:
    """Return what is the same for the same track, however it is spelled."""
    return track_id(identify(artist, title))


def from_history(
    data: PlaysData, min_items: int | None = None, min_listeners: int | None = None
) -> tuple[Interactions, Content | None]:
    """Turn a history into what models are measured on.

    Args:
        data: The history.
        min_items: Items that a listener must have; by default 10 for songs, else 1.
        min_listeners: Listeners that an item must have; by default 3 for songs, else 1.

    Returns:
        The interactions, with events where every play has a time and nothing was cut down, and what is
        known of the items: their tags, else their artists; None if neither is known.
    """
    songs = data.item_kind == "song"
    least_items = min_items or (SONG_MIN_ITEMS if songs else 1)
    least_listeners = min_listeners or (SONG_MIN_LISTENERS if songs else 1)
    whole = _interactions(data)
    if (least_items, least_listeners) == (1, 1):
        return whole, _content(data, np.arange(whole.n_items))
    kept = dense_part(whole, least_items, least_listeners)
    places = {item: place for place, item in enumerate(whole.item_ids)}
    return kept, _content(data, np.array([places[item] for item in kept.item_ids], dtype=np.int64))


def from_known(known: Known) -> tuple[Interactions, Content]:
    """Turn what a store knows into what models are measured on: the tracks that somebody played.

    Args:
        known: As the recommender reads it.
    """
    played = np.flatnonzero(listeners_per_item(known.interactions.plays) > 0)
    interactions = Interactions(
        known.interactions.plays[:, played].tocsr(),
        known.interactions.listener_ids,
        known.interactions.item_ids[played],
    )
    artists = known.features.column("artist_id").combine_chunks().dictionary_encode().indices.to_numpy()
    return interactions, from_vectors(known.vectors[played], artists[played].astype(np.int64))


def with_store_events(interactions: Interactions, tables: Tables, pins: Pins) -> Interactions:
    """Add the times of single plays, as scrobbles tell them; skipped ones are no plays.

    Args:
        interactions: What a store knows.
        tables: The store.
        pins: The run's snapshots; without ``user_scrobbles_raw`` among them nothing is added.
    """
    if USER_SCROBBLES_RAW.name not in pins:
        return interactions
    views = {table.name: (table, pins[table.name]) for table in (USER_SCROBBLES_RAW, TRACK_MATCHES)}
    with tables.engine(views) as engine:
        found = engine.sql(_TIMED).to_arrow_table()
    rows, columns = (
        pc.index_in(found.column(name), value_set=pa.array(ids.tolist(), pa.string())).combine_chunks()
        for name, ids in (("listener_id", interactions.listener_ids), ("track_id", interactions.item_ids))
    )
    known = pc.and_(rows.is_valid(), columns.is_valid()).to_numpy(zero_copy_only=False)
    if not known.any():
        return interactions
    at_uts = found.column("at_uts").to_numpy()[known]
    listeners, items = (pc.fill_null(side, 0).to_numpy().astype(np.int64)[known] for side in (rows, columns))
    return replace(interactions, events=Events(listeners, items, at_uts.astype(np.int64)))


def _interactions(data: PlaysData) -> Interactions:
    shape = (len(data.listener_ids), len(data.item_ids))
    plays = to_csr(data.plays.astype(np.float32), data.listeners, data.items, shape)
    events = Events(data.listeners, data.items, data.at_uts) if data.has_times else None
    return Interactions(
        plays, np.array(data.listener_ids, dtype=object), np.array(data.item_ids, dtype=object), events
    )


def _content(data: PlaysData, kept: Indices) -> Content | None:
    artists = _artists(data, kept)
    place = np.full(len(data.item_ids), -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    items = place[data.tag_items]
    there = items >= 0
    if not there.any():
        return from_artists(artists) if artists is not None else None
    tags = data.tag_tags[there]
    if (data.tag_listeners[there] >= 0).any():
        return from_taggings(Taggings(data.tag_listeners[there], items[there], tags), len(kept), artists)
    shape = (len(kept), len(data.tags))
    return Content(tfidf(to_csr(data.tag_votes[there], items[there], tags, shape)), artists)


def _artists(data: PlaysData, kept: Indices) -> NDArray[np.int64] | None:
    """Number the artists; items of unknown artists get one each. None if items are artists themselves."""
    if data.item_kind == "artist" or not any(data.item_artists[item] for item in kept):
        return None
    names = [data.item_artists[item] or f"\0{item}" for item in kept]
    codes: NDArray[np.int64] = np.unique(np.array(names, dtype=object), return_inverse=True)[1].astype(
        np.int64
    )
    return codes
