"""Graded matches: how sure it is that two descriptions mean one recording."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from timbral.core.normalise import Identity, identify, track_id
from timbral.core.scripts import artists_sound_alike, tracks_sound_alike, unlike_scripts

if TYPE_CHECKING:
    from collections.abc import Sequence

# Two releases of one recording differ by silence and fades; two recordings by more.
SAME_DURATION_MS = 3_000
OTHER_DURATION_MS = 20_000
OTHER_DURATION_SHARE = 0.1

SAME_SOUND = "the same names in another script"

NEAR_LIKENESS = 0.85
RELATED_LIKENESS = 0.6


class Grade(IntEnum):
    """How sure a match is; ``EXACT`` and ``HIGH`` mean one recording."""

    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    EXACT = 4

    @property
    def label(self) -> str:
        """The grade as tables keep it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Match:
    """A grade and why."""

    grade: Grade
    reason: str


@dataclass(frozen=True, slots=True)
class Described:
    """A recording as a source describes it.

    Attributes:
        artist: The artist field as spelled.
        title: The title field as spelled.
        album: The album as spelled, if known.
        duration_ms: Its length, if known.
        isrc: International Standard Recording Code, if known.
        mbid: MusicBrainz recording id, if known.
    """

    artist: str
    title: str
    album: str | None = None
    duration_ms: int | None = None
    isrc: str | None = None
    mbid: str | None = None


_NUMBERS = re.compile(r"\d+")


def likeness(one: str, other: str) -> float:
    """Return the share of letter pairs that two keys have in common (Dice), 0..1, symmetric."""
    if one == other:
        return 1.0
    pairs_one = Counter(pairwise(one))
    pairs_other = Counter(pairwise(other))
    total = pairs_one.total() + pairs_other.total()
    return 2 * (pairs_one & pairs_other).total() / total if total else 0.0


def credited(identity: Identity) -> frozenset[str]:
    """Return everybody whom a spelling names: members of the lead and guests."""
    return frozenset(identity.members + identity.featured)


def compatible(one: Identity, other: Identity) -> bool:
    """Tell whether two spellings may name one recording that an outside id, or their sound, says they do.

    Last.fm's MusicBrainz ids in particular are noisy: a studio recording's id sits on live
    versions and on other parts of a suite. So versions and numbers must agree, and the names
    must be alike, or be written in different scripts, where likeness says nothing.
    """
    if one.version_key != other.version_key:
        return False
    titles = one.title_key, other.title_key
    artists = one.artist_key, other.artist_key
    title_unlike, artist_unlike = unlike_scripts(*titles), unlike_scripts(*artists)
    if not title_unlike and (
        _NUMBERS.findall(titles[0]) != _NUMBERS.findall(titles[1]) or likeness(*titles) < NEAR_LIKENESS
    ):
        return False
    known = bool(credited(one) & credited(other)) or likeness(*artists) >= NEAR_LIKENESS
    # Were both names in foreign scripts, only their sound would be left to check the id with.
    return known or (artist_unlike and not title_unlike) or artists_sound_alike(*artists)


def _durations(a: Described, b: Described) -> int | None:
    return abs(a.duration_ms - b.duration_ms) if a.duration_ms and b.duration_ms else None


def _confirmed(a: Described, b: Described) -> bool:
    apart_ms = _durations(a, b)
    return apart_ms is not None and apart_ms <= SAME_DURATION_MS


def _contradicted(a: Described, b: Described) -> bool:
    apart_ms = _durations(a, b)
    longest_ms = max(a.duration_ms or 0, b.duration_ms or 0)
    return apart_ms is not None and apart_ms > max(OTHER_DURATION_MS, OTHER_DURATION_SHARE * longest_ms)


def _shared_id(a: Described, b: Described) -> str | None:
    for name, one, other in (("ISRC", a.isrc, b.isrc), ("MusicBrainz id", a.mbid, b.mbid)):
        if one and other and one.strip().lower() == other.strip().lower():
            return name
    return None


def match(a: Described, b: Described) -> Match:
    """Grade whether two descriptions mean one recording.

    Args:
        a: One description.
        b: The other; the order does not matter.

    Returns:
        ``EXACT``: one identity. ``HIGH``: the same credits written otherwise, or an id that
        the names bear out, or near spellings of equal length. ``MEDIUM``: near spellings, or
        one name with two lengths. ``LOW``: another version, or a related title. ``NONE``.

    Raises:
        InvalidInput: A name holds nothing but white space.
    """
    one, other = identify(a.artist, a.title), identify(b.artist, b.title)
    shared = _shared_id(a, b)
    names = _match_names(one, other)
    if shared and names.grade < Grade.HIGH and compatible(one, other):
        return Match(Grade.HIGH, f"the same {shared}, and the names agree")
    if names.grade >= Grade.HIGH and not shared and _contradicted(a, b):
        return Match(Grade.MEDIUM, f"{names.reason}, but {(_durations(a, b) or 0) // 1000} s apart in length")
    if names.grade is Grade.MEDIUM and _confirmed(a, b):
        return Match(Grade.HIGH, f"{names.reason}, and the same length")
    if names.grade is Grade.MEDIUM and _contradicted(a, b):
        return Match(Grade.LOW, f"{names.reason}, but {(_durations(a, b) or 0) // 1000} s apart in length")
    return names


def _match_names(one: Identity, other: Identity) -> Match:
    if track_id(one) == track_id(other):
        return Match(Grade.EXACT, "the same artist, title and version")
    if tracks_sound_alike(one, other):
        return Match(Grade.HIGH, SAME_SOUND)
    artist = likeness(one.artist_key, other.artist_key)
    shares_name = bool(credited(one) & credited(other))
    if not shares_name and artist < RELATED_LIKENESS:
        return Match(Grade.NONE, "different artists")
    title = likeness(one.title_key, other.title_key)
    if title < RELATED_LIKENESS and not _begins(one.title_key, other.title_key):
        return Match(Grade.NONE, "different titles")
    if one.version_key != other.version_key:
        versions = sorted(version or "plain" for version in (one.version_key, other.version_key))
        grade = Grade.LOW if title >= NEAR_LIKENESS else Grade.NONE
        return Match(grade, f"other versions: {versions[0]}, {versions[1]}")
    return _match_spellings(one, other, title, known=shares_name or artist >= NEAR_LIKENESS)


def _match_spellings(one: Identity, other: Identity, title: float, *, known: bool) -> Match:
    """Grade two names of one version by related artists; ``known``: the artist is likely the same."""
    same_numbers = _NUMBERS.findall(one.title_key) == _NUMBERS.findall(other.title_key)
    if title == 1 and credited(one) == credited(other):
        return Match(Grade.HIGH, "the same title, and the same names credited")
    if title == 1 and known:
        return Match(Grade.MEDIUM, "the same title, and a name in common")
    if title >= NEAR_LIKENESS and same_numbers and known:
        return Match(Grade.MEDIUM, "near spellings")
    return Match(Grade.LOW, "related titles" if same_numbers else "related titles, other numbers")


def _begins(one: str, other: str) -> bool:
    return min(one, other, key=len) == max(one, other, key=len)[: min(len(one), len(other))]


def best_match(wanted: Described, found: Sequence[Described]) -> tuple[int, Match] | None:
    """Choose among a search's results; the first is not better for being first.

    Args:
        wanted: What was looked for.
        found: What came back, in the source's order.

    Returns:
        The place of the best result and its match: the highest grade, then the nearest
        length, then the source's order. None if none is even ``LOW``.
    """
    graded = [(match(wanted, result), place) for place, result in enumerate(found)]
    graded = [(grading, place) for grading, place in graded if grading.grade > Grade.NONE]
    if not graded:
        return None

    def order(entry: tuple[Match, int]) -> tuple[int, int, int]:
        apart_ms = _durations(wanted, found[entry[1]])
        return -entry[0].grade, OTHER_DURATION_MS if apart_ms is None else apart_ms, entry[1]

    grading, place = min(graded, key=order)
    return place, grading
