"""A release in memory, over the planted world: every answer can be checked against the plant."""

from __future__ import annotations

import difflib

import numpy as np

from tests.world import NOW_UTS, make_world
from tests.world_names import ADJECTIVES, GENRES
from timbral.digests import digest_text
from timbral.recommender.release.view import ListenerProfile, TrackCard, TrackColumns
from timbral.tables.columns import MOODS

DIMENSION = 256
RECENT_S = 90 * 86_400


class MemoryRelease:
    """A `ReleaseView` whose blocks are genres; a track's place is its block's, and a little of its own."""

    def __init__(self, world=None, release="planted-1", seed=3):
        self.world = world or make_world(listeners_count=40, tracks_count=400)
        self.release = release
        self.tracks_count = len(self.world.titles)
        self._rng = np.random.default_rng(seed)
        self._ids = [digest_text(f"track {row}") for row in range(self.tracks_count)]
        self._rows = {track_id: row for row, track_id in enumerate(self._ids)}
        self._vectors = self._place_tracks()
        self._listener_of_play, self._track_of_play, self._counts = self.world.play_counts()
        self._columns = self._fill_columns()
        self._tags = {}
        for track, tag in zip(self.world.tag_track.tolist(), self.world.tag_name.tolist(), strict=True):
            self._tags.setdefault(track, []).append(tag)
        self.calls = []

    def track_id(self, row):
        return self._ids[row]

    def _place_tracks(self):
        blocks = self.world.track_block
        centres = self._rng.normal(size=(blocks.max() + 1, DIMENSION))
        own = self._rng.normal(size=(self.tracks_count, DIMENSION))
        return _normalised(centres[blocks] + 0.6 * own)

    def _fill_columns(self):
        world, count = self.world, self.tracks_count
        listeners = np.bincount(self._track_of_play, minlength=count)
        first = np.full(count, NOW_UTS)
        np.minimum.at(first, world.play_track, world.play_uts)
        plays = np.bincount(world.play_track, minlength=count)
        shares = self._rng.random((count, len(MOODS))).astype(np.float32)
        shares[np.arange(count), world.track_block % len(MOODS)] = 0.95
        return TrackColumns(
            popularity=(np.searchsorted(np.sort(listeners), listeners) / count).astype(np.float32),
            artist_codes=np.unique(world.artists, return_inverse=True)[1].astype(np.int64),
            years=np.where(np.arange(count) % 17 == 0, 0, 1965 + np.arange(count) % 60).astype(np.int64),
            mood_shares=shares,
            mood_flags=shares > 0.7,
            genre_codes={
                self.genre(block): np.flatnonzero(world.track_block == block)
                for block in range(int(world.track_block.max()) + 1)
            },
            first_played_uts=np.where(plays > 0, first, 0),
            recent_plays=np.bincount(world.play_track[world.play_uts > NOW_UTS - RECENT_S], minlength=count),
            plays=plays,
        )

    def genre(self, block):
        return f"{ADJECTIVES[block // len(GENRES)]} {GENRES[block % len(GENRES)]}"

    def columns(self):
        return self._columns

    def rows(self, track_ids):
        return np.array([self._rows.get(track_id, -1) for track_id in track_ids], np.int64)

    def cards(self, rows):
        self.calls.append("cards")
        return [self._card(int(row)) for row in rows]

    def _card(self, row):
        columns, world = self._columns, self.world
        shares = columns.mood_shares[row]
        moods = [MOODS[at] for at in np.argsort(-shares) if columns.mood_flags[row, at]]
        return TrackCard(
            row=row,
            track_id=self._ids[row],
            title=str(world.titles[row]),
            artist=str(world.artists[row]),
            artist_id=digest_text(str(world.artists[row])),
            album=None if row % 11 == 0 else str(world.albums[row]),
            year=int(columns.years[row]) or None,
            genres=(self.genre(int(world.track_block[row])),),
            tags=tuple(str(tag) for tag in self._tags.get(row, [])),
            moods=tuple(moods),
            energy=float(shares[0]),
            valence=float(shares[3]),
            mood_confidence="high" if moods else "low",
            popularity=float(columns.popularity[row]),
            spotify_id=f"spotify{row}" if row % 2 else None,
        )

    def listener(self, listener_id):
        if listener_id not in self.world.listeners:
            return None
        number = self.world.listeners.index(listener_id)
        own = self._listener_of_play == number
        rows, plays = self._track_of_play[own], self._counts[own]
        mine = self.world.play_listener == number
        tracks, times = self.world.play_track[mine], self.world.play_uts[mine]
        last = np.zeros(self.tracks_count, np.int64)
        np.maximum.at(last, tracks, times)
        recent = np.bincount(tracks[times > NOW_UTS - RECENT_S], minlength=self.tracks_count)
        factors, taste = self.fold_in(rows.tolist(), plays.tolist())
        return ListenerProfile(
            listener_id=listener_id,
            factors=factors,
            taste_vector=taste,
            rows=rows.astype(np.int64),
            plays=plays.astype(np.int64),
            recent_plays=recent[rows],
            last_at_uts=last[rows],
            hour_counts=tuple(np.bincount(times // 3600 % 24, minlength=24).tolist()),
            scrobbles_count=int(mine.sum()),
            newest_at_uts=int(times.max()),
            **self._windows(tracks, times, rows),
        )

    def _windows(self, tracks, times, rows):
        found = {}
        for name, days in (("week", 7), ("month", 30), ("recent", 90)):
            within = times > NOW_UTS - days * 86_400
            counts = np.bincount(tracks[within], minlength=self.tracks_count)[rows]
            found |= {f"{name}_plays": counts} if name != "recent" else {}
            hours = np.bincount(times[within] // 3600 % 24, minlength=24)
            found[f"{name}_hour_counts"] = tuple(hours.tolist())
        return found

    def vectors(self, rows):
        self.calls.append("vectors")
        return self._vectors[np.asarray(rows, np.int64)]

    def scores(self, factors, taste_vector, library):
        del library
        return (self._vectors @ taste_vector + self._block_shares() @ factors).astype(np.float32)

    def _block_shares(self):
        return np.eye(int(self.world.track_block.max()) + 1, dtype=np.float32)[self.world.track_block]

    def fold_in(self, rows, weights):
        wanted = np.maximum(np.asarray(weights, np.float32), 0)
        shares = np.asarray(weights, np.float32) @ self._block_shares()[rows]
        return shares / max(abs(shares.sum()), 1), _normalised(wanted @ self._vectors[rows] + 1e-9)

    def near(self, vector, count, only):
        self.calls.append("near")
        return self._best(self._vectors @ vector, count, only)[0]

    def nearest_many(self, vectors, count, only):
        self.calls.append("nearest_many")
        return np.unique(np.concatenate([self._best(self._vectors @ one, count, only)[0] for one in vectors]))

    def companions(self, row):
        together = self.co_listened([row])
        together[row] = 0
        rows = np.flatnonzero(together > 0)
        return rows, together[rows]

    def co_listened(self, rows):
        listeners = np.isin(self._track_of_play, rows)
        together = np.isin(self._listener_of_play, self._listener_of_play[listeners])
        counts = np.bincount(self._track_of_play[together], minlength=self.tracks_count)
        return (counts / max(counts.max(), 1)).astype(np.float32)

    def search(self, text, count, only):
        self.calls.append("search")
        words = set(text.casefold().split())
        found = [self._points(row, words) for row in range(self.tracks_count)]
        rows, scores = self._best(np.array(found, np.float32), count, only)
        return rows[scores > 0], scores[scores > 0]

    def _points(self, row, words):
        names = f"{self.world.artists[row]} {self.world.titles[row]} {' '.join(self._tags.get(row, []))}"
        return len(words & set(names.casefold().split()))

    def suggest(self, text):
        names = {str(name).casefold(): str(name) for name in [*self.world.artists, *self.world.titles]}
        if text.casefold() in names:
            return None
        close = difflib.get_close_matches(text.casefold(), names, 1, 0.8)
        return names[close[0]] if close else None

    def _best(self, scores, count, only):
        columns = self._columns
        passes = np.ones(self.tracks_count, bool)
        if only.genres:
            passes &= np.isin(np.arange(self.tracks_count), [columns.genre_codes[g] for g in only.genres])
        if only.moods:
            passes &= columns.mood_flags[:, [MOODS.index(mood) for mood in only.moods]].any(axis=1)
        if only.year_from is not None:
            passes &= columns.years >= max(only.year_from, 1)
        if only.year_to is not None:
            passes &= (columns.years > 0) & (columns.years <= only.year_to)
        rows = np.flatnonzero(passes)
        rows = rows[np.argsort(-scores[rows], kind="stable")][:count]
        return rows, scores[rows]


def _normalised(vectors):
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)
