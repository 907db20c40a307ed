"""A small reader of the development data, apart from the importers, for measuring models alone."""

import csv

import numpy as np

from timbral.recommender.models.content import Content, Taggings, from_artists, from_taggings
from timbral.recommender.models.interactions import Interactions, dense_part, from_counts


def hetrec(folder) -> tuple[Interactions, Content]:
    """Artists as items, and who tagged them; a tag on an artist whom nobody played is left out."""
    source = folder / "listens" / "hetrec2011"
    plays = np.loadtxt(source / "user_artists.dat", skiprows=1, dtype=np.int64)
    interactions = from_counts(plays[:, 0], plays[:, 1], plays[:, 2])
    tagged = np.loadtxt(source / "user_taggedartists.dat", skiprows=1, dtype=np.int64)
    items = places(interactions.item_ids, tagged[:, 1])
    tagged, items = tagged[items >= 0], items[items >= 0]
    listeners = places(interactions.listener_ids, tagged[:, 0])
    tags = np.unique(tagged[:, 2], return_inverse=True)[1]
    return interactions, from_taggings(Taggings(listeners, items, tags), interactions.n_items)


def taste_profile(folder) -> tuple[Interactions, Content]:
    """Songs of listeners with at least ten, with at least three listeners; content is the artist."""
    source = folder / "listens" / "taste_profile"
    lines = (source / "plays.tsv").read_text().splitlines()
    rows = [row for row in (line.split("\t") for line in lines) if len(row) == 3]
    listeners, songs, plays = zip(*rows, strict=True)
    kept = dense_part(from_counts(listeners, songs, np.array(plays, dtype=np.float32)), 10, 3)
    with (source / "songs.csv").open(encoding="utf-8") as table:
        artists = {row["song_id"]: row["artist_name"] for row in csv.DictReader(table)}
    names = [artists.get(song, f"unknown artist of {song}") for song in kept.item_ids]
    return kept, from_artists(np.unique(names, return_inverse=True)[1])


def places(ids, wanted):
    """Place of each wanted id among the sorted ids, -1 where it is missing."""
    found = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return np.where(ids[found] == wanted, found, -1)
