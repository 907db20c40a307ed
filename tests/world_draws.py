"""What is drawn for the planted world, one matter at a time."""

from __future__ import annotations

import numpy as np

from tests.world_names import ADJECTIVES, GENERAL_TAGS, GENRES

_NOISE_SHARE = 0.08
_LIVE_SHARE = 0.03
_DUPLICATE_SHARE = 0.05
_SPAN_S = 540 * 86_400
_DUPLICATE_SUFFIXES = (" - Remastered 2011", " (2009 Digital Remaster)", " - 2017 Remaster")


def sing_live(titles, albums, artists, rng):
    """Rename some tracks to the live version of the track before them, and say which."""
    pairs = []
    for track in np.sort(
        rng.permutation(len(titles) // 2)[: round(len(titles) * _LIVE_SHARE)] * 2 + 1
    ).tolist():
        if artists[track] == artists[track - 1]:
            titles[track] = titles[track - 1] + " - Live"
            albums[track] = "Live in " + albums[track]
            pairs.append((track, track - 1))
    return pairs


def respell(titles, taken, rng):
    """Choose tracks that are also written as a remaster; return ``{track: that title}``."""
    chosen = rng.permutation(len(titles))[: round(len(titles) * _DUPLICATE_SHARE)].tolist()
    free = sorted(track for track in chosen if track not in taken)
    return {track: titles[track] + _DUPLICATE_SUFFIXES[track % len(_DUPLICATE_SUFFIXES)] for track in free}


def deal_blocks(listeners_count, blocks_count, rng):
    """Deal every listener one to three blocks, each block to about as many listeners."""
    most = min(3, blocks_count)
    wanted = rng.choice(3, listeners_count, p=(0.3, 0.4, 0.3)).clip(max=most - 1) + 1
    rounds = -(-int(wanted.sum()) // blocks_count)
    deck = np.concatenate([rng.permutation(blocks_count) for _ in range(rounds)])
    ends = np.cumsum(wanted)
    return [
        np.unique(deck[end - count : end]) for end, count in zip(ends.tolist(), wanted.tolist(), strict=True)
    ]


def play(known, hits, rng):
    """Play every known track once, favourites again by Zipf's law, and some hits; in random order."""
    heights = np.cumsum(1 / np.arange(1, len(known) + 1) ** 0.8)
    again = np.searchsorted(heights, rng.random(2 * len(known)) * heights[-1])
    noise = hits[rng.integers(0, len(hits), max(1, round(3 * len(known) * _NOISE_SHARE)))]
    return rng.permutation(np.concatenate([known, rng.permutation(known)[again], noise]))


def times(count, now_uts, rng):
    """Draw ``(count,)`` ascending Unix times, at least three minutes apart."""
    steps = np.arange(count) * 180
    return np.sort(rng.integers(now_uts - _SPAN_S, now_uts - 180 * count, count)) + steps


def tag(track_block, rng):
    """Tag each track with three words of its block, each left out at times, and one that means nothing."""
    genre = track_block % len(GENRES)
    adjective = (track_block // len(GENRES) + track_block) % len(ADJECTIVES)
    both = np.char.add(np.char.add(ADJECTIVES[adjective], " "), GENRES[genre])
    general = GENERAL_TAGS[rng.integers(0, len(GENERAL_TAGS), len(track_block))]
    kinds = ((both, 100, 1.0), (GENRES[genre], 80, 0.9), (ADJECTIVES[adjective], 60, 0.8), (general, 20, 0.7))
    tracks, names, counts = [], [], []
    for words, weight, kept_share in kinds:
        kept = np.flatnonzero(rng.random(len(track_block)) < kept_share)
        tracks.append(kept)
        names.append(words[kept].astype(object))
        counts.append(np.maximum(1, weight - rng.integers(0, 20, len(kept))))
    order = np.argsort(np.concatenate(tracks), kind="stable")
    return tuple(np.concatenate(parts)[order] for parts in (tracks, names, counts))
