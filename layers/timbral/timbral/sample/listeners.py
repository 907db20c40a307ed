"""Simulated listeners: a year and a half of plays by people whose tastes are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timbral.sample.tastes import LISTENERS_COUNT, SEED, PlantedTaste, planted_tastes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from timbral.sample.catalogue import CatalogueTrack

_DAY_S = 86_400
_SPAN_S = 540 * _DAY_S
_MARGIN_S = 2 * _DAY_S  # sessions that begin before this are over by the end
_FEWEST_PLAYS, _MOST_PLAYS = 150, 600
_SESSION_PLAYS = 8  # mean
_GAP_S = (150, 330)  # from one play to the next within a session
_HOUR_SPREAD = 2.5
_ZIPF_POWER = 0.8
_NOISE_SHARE = 0.08
_REPEAT_SHARE = 0.05
_HITS_COUNT = 40


@dataclass(frozen=True, slots=True)
class Play:
    """One play.

    Attributes:
        listener: Who listened.
        artist: The artist, as the catalogue spells it.
        track: The title, likewise.
        album: The album, likewise.
        uts: When the play began, in Unix seconds.
    """

    listener: str
    artist: str
    track: str
    album: str
    uts: int


def simulate_histories(
    catalogue: Sequence[CatalogueTrack],
    listeners_count: int = LISTENERS_COUNT,
    seed: int = SEED,
    *,
    now_uts: int,
) -> Iterator[Play]:
    """Let the listeners of `planted_tastes` listen.

    Each has an hour of the day, listens in sessions, plays favourites by Zipf's law, moves from
    scene to scene over time, and hears a few hits that everybody hears. Everything known is
    played at least once, nothing held out ever is.

    Args:
        catalogue: The tracks to choose from.
        listeners_count: As for `planted_tastes`.
        seed: The same seed gives the same plays.
        now_uts: The end of the simulated time, in Unix seconds; it begins 540 days earlier.

    Yields:
        Plays, listener by listener, oldest first; a listener's times are all different.

    Raises:
        InvalidInput: As `planted_tastes`.
    """
    tastes = planted_tastes(catalogue, listeners_count, seed)
    hits_rng = np.random.default_rng([seed, 2])
    hits = [catalogue[place] for place in hits_rng.choice(len(catalogue), _HITS_COUNT, replace=False)]
    for number, taste in enumerate(tastes.values()):
        rng = np.random.default_rng([seed, 3, number])
        yield from _history(taste, hits, rng, now_uts)


def _history(
    taste: PlantedTaste, hits: Sequence[CatalogueTrack], rng: np.random.Generator, now_uts: int
) -> Iterator[Play]:
    known = {track.key: track for tracks in taste.known for track in tracks}
    count = max(int(rng.integers(_FEWEST_PLAYS, _MOST_PLAYS + 1)), 2 * len(known))
    times = _times(count, rng, now_uts)
    chosen = _choices(taste, hits, rng, (times - times[0]) / max(int(times[-1] - times[0]), 1))
    for place, track in zip(rng.choice(count, len(known), replace=False), known.values(), strict=True):
        chosen[place] = track
    for uts, track in zip(times.tolist(), chosen, strict=True):
        yield Play(taste.listener, track.artist, track.title, track.album, uts)


def _times(count: int, rng: np.random.Generator, now_uts: int) -> NDArray[np.int64]:
    """Draw ``(count,)`` ascending, different Unix times in sessions around one hour of the day."""
    lengths = rng.geometric(1 / _SESSION_PLAYS, count)  # more sessions than needed: each has a play
    sessions_count = int(np.searchsorted(np.cumsum(lengths), count)) + 1
    first_day = (now_uts - _SPAN_S) // _DAY_S + 1
    days = np.sort(rng.integers(first_day, (now_uts - _MARGIN_S) // _DAY_S, sessions_count))
    hours = rng.normal(rng.uniform(0, 24), _HOUR_SPREAD, sessions_count) % 24
    starts = days * _DAY_S + (hours * 3_600).astype(np.int64)
    gaps = rng.integers(*_GAP_S, count)
    session = np.repeat(np.arange(sessions_count), lengths[:sessions_count])[:count]
    elapsed = np.cumsum(gaps)
    begins = np.searchsorted(session, np.arange(sessions_count))
    times = np.sort(starts[session] + elapsed - elapsed[begins][session])
    steps = np.arange(count) * _GAP_S[0]
    return np.asarray(np.maximum.accumulate(times - steps) + steps, dtype=np.int64)


def _choices(
    taste: PlantedTaste,
    hits: Sequence[CatalogueTrack],
    rng: np.random.Generator,
    progress: NDArray[np.float64],
) -> list[CatalogueTrack]:
    """Choose a track for each play; ``progress`` is ``(count,)``, 0 at the first play and 1 at the last."""
    favourites = [[tracks[place] for place in rng.permutation(len(tracks))] for tracks in taste.known]
    held_out = {track.key for track in taste.held_out}
    noise = [track for track in hits if track.key not in held_out]
    centres = (np.arange(len(favourites)) + 0.5) / len(favourites)
    weights = np.exp(-(((progress[:, None] - centres) / 0.45) ** 2)) + 0.15
    scenes = (
        rng.random((len(progress), 1)) * weights.sum(axis=1, keepdims=True) > weights.cumsum(axis=1)
    ).sum(axis=1)
    kind = rng.random(len(progress))
    chosen: list[CatalogueTrack] = []
    for scene, luck in zip(scenes.tolist(), kind.tolist(), strict=True):
        if chosen and luck < _REPEAT_SHARE:
            chosen.append(chosen[-1])
        else:
            pool = noise if luck > 1 - _NOISE_SHARE else favourites[scene]
            chosen.append(pool[_zipf_place(len(pool), rng)])
    return chosen


def _zipf_place(count: int, rng: np.random.Generator) -> int:
    """Draw a rank below ``count``, the first the likeliest."""
    heights = np.cumsum(1 / np.arange(1, count + 1) ** _ZIPF_POWER)
    return int(np.searchsorted(heights, rng.random() * heights[-1]))
