"""Audit: how good the identity is on labelled pairs, and what it did to real spellings."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from timbral.core.clustering import Spelling, cluster
from timbral.core.folding import fold
from timbral.core.matching import Described, Grade, match
from timbral.core.normalise import identify, track_id
from timbral.core.scripts import track_sounds
from timbral.digests import digest_text
from timbral.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

PAIR_COLUMNS = ("trap", "artist_a", "title_a", "artist_b", "title_b", "same", "half")
ALL_TRAPS = "all"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two spellings, and whether a person says that they mean one recording.

    Attributes:
        trap: What makes the pair hard.
        a: Artist and title.
        b: Artist and title.
        same: The truth.
        half: ``"development"`` (rules may be fitted to it) or ``"held out"`` (never).
    """

    trap: str
    a: tuple[str, str]
    b: tuple[str, str]
    same: bool
    half: str


@dataclass(frozen=True, slots=True)
class TrapScore:
    """What was decided about the pairs of one trap.

    Attributes:
        trap: The trap, or ``"all"``.
        pairs_count: How many pairs.
        merged_rightly_count: Same, and merged.
        merged_falsely_count: Not the same, but merged: a lost song.
        split_falsely_count: Same, but kept apart.
    """

    trap: str
    pairs_count: int
    merged_rightly_count: int
    merged_falsely_count: int
    split_falsely_count: int

    @property
    def precision_share(self) -> float:
        """Share of merges that are right; 1 where nothing was merged."""
        merged = self.merged_rightly_count + self.merged_falsely_count
        return self.merged_rightly_count / merged if merged else 1.0

    @property
    def recall_share(self) -> float:
        """Share of the same that were merged; 1 where nothing is the same."""
        same = self.merged_rightly_count + self.split_falsely_count
        return self.merged_rightly_count / same if same else 1.0


def read_pairs(lines: Iterable[str]) -> list[Pair]:
    """Read labelled pairs.

    Args:
        lines: CSV with the columns ``PAIR_COLUMNS``.

    Raises:
        InvalidInput: A column is missing, or ``same`` is neither ``yes`` nor ``no``.
    """
    reader = csv.DictReader(lines)
    if missing := sorted(set(PAIR_COLUMNS) - set(reader.fieldnames or ())):
        raise InvalidInput(f"the pairs lack the column {missing[0]!r}; needed are {', '.join(PAIR_COLUMNS)}")
    pairs = []
    for row in reader:
        if row["same"] not in ("yes", "no"):
            raise InvalidInput(
                f"same is {row['same']!r} in line {reader.line_num}; allowed are yes and no", "same"
            )
        a, b = (row["artist_a"], row["title_a"]), (row["artist_b"], row["title_b"])
        pairs.append(Pair(row["trap"], a, b, row["same"] == "yes", row["half"]))
    return pairs


def merges(a: tuple[str, str], b: tuple[str, str]) -> bool:
    """Tell whether two spellings, with nothing else known, become one track."""
    one, other = identify(*a), identify(*b)
    return track_id(one) == track_id(other) or bool(
        cluster(Spelling(identity, sounds=track_sounds(identity)) for identity in (one, other))
    )


def wrong_pairs(pairs: Iterable[Pair]) -> list[Pair]:
    """Return the pairs that are decided otherwise than a person did."""
    return [pair for pair in pairs if merges(pair.a, pair.b) is not pair.same]


def score_pairs(pairs: Iterable[Pair]) -> list[TrapScore]:
    """Score the identity on labelled pairs.

    Returns:
        A score for each trap in order of appearance, the last for all together.
    """
    decided: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for pair in pairs:
        outcome = (pair.same, merges(pair.a, pair.b))
        decided[pair.trap].append(outcome)
    decided[ALL_TRAPS] = [outcome for outcomes in decided.values() for outcome in outcomes]
    return [
        TrapScore(
            trap,
            len(outcomes),
            outcomes.count((True, True)),
            outcomes.count((False, True)),
            outcomes.count((True, False)),
        )
        for trap, outcomes in decided.items()
    ]


@dataclass(frozen=True, slots=True)
class Finding:
    """Two spellings for a person to look at.

    Attributes:
        a: Artist and title.
        b: Artist and title.
        merged: Whether they are one track.
        grade: How alike they are.
        reason: Why.
    """

    a: tuple[str, str]
    b: tuple[str, str]
    merged: bool
    grade: Grade
    reason: str


# Neighbours compared within one block of a crowded artist: bounds the work, loses only repetitions.
_MOST_COMPARED = 40


def audit_sample(
    spellings: Iterable[tuple[str, str, str]], wanted_count: int = 100, seed: int = 0
) -> list[Finding]:
    """Choose merges and near misses for a person to read.

    Args:
        spellings: Artist, title and the track id that they were given, each spelling once.
        wanted_count: How many merges, and how many near misses, at most.
        seed: Another seed chooses others.

    Returns:
        Merges of spellings that differ by more than case, then pairs kept apart whose grade
        is ``LOW`` or better; each kind in an order that depends on the seed alone.
    """
    tracks: dict[str, list[tuple[str, str]]] = defaultdict(list)
    blocks: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for artist, title, own_id in sorted(spellings):
        tracks[own_id].append((artist, title))
        identity = identify(artist, title)
        for block in (f"{identity.members[0]}|{identity.title_key[:6]}", f"{identity.title_key}"):
            blocks[block].setdefault(own_id, (artist, title))
    merged = {_finding(one, other, merged=True) for names in tracks.values() for one, other in _unlike(names)}
    missed = {
        _finding(block[one], block[other], merged=False)
        for block in blocks.values()
        for one, other in combinations(sorted(block)[:_MOST_COMPARED], 2)
    }
    near = (finding for finding in missed if finding.grade > Grade.NONE)
    return [*_choose(merged, wanted_count, seed), *_choose(near, wanted_count, seed)]


def _unlike(names: list[tuple[str, str]]) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Pair a track's first spelling with each that differs by more than case."""
    first = names[0]
    seen = {tuple(fold(part) for part in first)}
    pairs = []
    for name in names[1:]:
        folded = tuple(fold(part) for part in name)
        if folded not in seen:
            seen.add(folded)
            pairs.append((first, name))
    return pairs


def _finding(one: tuple[str, str], other: tuple[str, str], *, merged: bool) -> Finding:
    graded = match(Described(*one), Described(*other))
    first, second = sorted((one, other))
    return Finding(first, second, merged, graded.grade, graded.reason)


def _choose(findings: Iterable[Finding], wanted_count: int, seed: int) -> list[Finding]:
    def order(finding: Finding) -> str:
        return digest_text("\x1f".join((str(seed), *finding.a, *finding.b)))

    return sorted(findings, key=order)[:wanted_count]
