"""Clusters: identities that are one recording though their names differ.

Three things join them: the same names credited in another way (*A & B* and *A feat. B*), the
same names in another script (*Кино* and *Kino*), and an outside id (ISRC, MusicBrainz,
Spotify) that the names bear out.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from timbral.core.matching import SAME_SOUND, Grade, compatible, credited
from timbral.core.normalise import Identity, track_id
from timbral.core.scripts import tracks_sound_alike

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# An id on more names than this is noise ("unknown"), and a cluster of more is a chain of weak links.
MOST_NAMES = 24


@dataclass(frozen=True, slots=True)
class Spelling:
    """An identity and the outside ids that came with it.

    Attributes:
        identity: What the names say.
        outside_ids: Ids with their kind in front, such as ``"isrc:GBAYE0601498"``.
        sounds: What it may sound like, by `timbral.core.scripts.track_sounds`, if another may too.
    """

    identity: Identity
    outside_ids: tuple[str, ...] = ()
    sounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alias:
    """A track id that means another one.

    Attributes:
        track_id: The id that the names alone give.
        canonical_id: The id to use: the smallest of the cluster.
        grade: How sure that is.
        reason: What joined them.
    """

    track_id: str
    canonical_id: str
    grade: Grade
    reason: str


@dataclass(frozen=True, slots=True, order=True)
class _Link:
    weakness: int
    one: str
    other: str
    reason: str


def cluster(spellings: Iterable[Spelling]) -> dict[str, Alias]:
    """Find which identities are one recording.

    Every member of a cluster has been checked against every other, so that a chain of
    plausible steps never joins what is not alike; neither the order of the spellings nor
    their repetition changes the result.

    Args:
        spellings: All that is known, in any order.

    Returns:
        ``{track_id: alias}`` for every member of a cluster of two or more, the canonical
        one among them; a track that stands alone has none.
    """
    identities: dict[str, set[Identity]] = defaultdict(set)
    by_credits: dict[tuple[frozenset[str], str, str], set[str]] = defaultdict(set)
    by_outside_id: dict[str, set[str]] = defaultdict(set)
    by_sound: dict[str, set[str]] = defaultdict(set)
    for spelling in spellings:
        own_id = track_id(spelling.identity)
        identities[own_id].add(spelling.identity)
        names = credited(spelling.identity)
        if len(names) > 1:
            key = (names, spelling.identity.title_key, spelling.identity.version_key)
            by_credits[key].add(own_id)
        for outside_id in spelling.outside_ids:
            by_outside_id[outside_id].add(own_id)
        for sound in spelling.sounds:
            by_sound[sound].add(own_id)
    links = {*_links(by_credits.values(), 0, "the same names credited")}
    links.update(
        link
        for link in _links(by_sound.values(), 1, SAME_SOUND)
        if tracks_sound_alike(min(identities[link.one], key=_order), min(identities[link.other], key=_order))
    )
    for outside_id, ids in by_outside_id.items():
        links.update(_links([ids], 2, f"the same {outside_id.partition(':')[0]}, and the names agree"))
    return _aliases(_join(sorted(links), identities))


def _links(groups: Iterable[set[str]], weakness: int, reason: str) -> Iterator[_Link]:
    for group in groups:
        if 1 < len(group) <= MOST_NAMES:
            for one, other in combinations(sorted(group), 2):
                yield _Link(weakness, one, other, reason)


def _join(
    links: Sequence[_Link], identities: dict[str, set[Identity]]
) -> dict[str, tuple[set[str], set[_Link]]]:
    """Join the strongest links first, each only if all members of both sides agree."""
    clusters: dict[str, tuple[set[str], set[_Link]]] = {}
    for link in links:
        one = clusters.get(link.one, ({link.one}, set()))
        other = clusters.get(link.other, ({link.other}, set()))
        if one[0] is other[0] or len(one[0]) + len(other[0]) > MOST_NAMES:
            continue
        if all(_agree(identities[a], identities[b]) for a in one[0] for b in other[0]):
            joined = (one[0] | other[0], one[1] | other[1] | {link})
            clusters.update(dict.fromkeys(joined[0], joined))
    return clusters


def _agree(one: set[Identity], other: set[Identity]) -> bool:
    """Tell whether any spelling of one track agrees with any of the other."""
    return any(
        compatible(a, b)
        for a in sorted(one, key=_order)[:MOST_NAMES]
        for b in sorted(other, key=_order)[:MOST_NAMES]
    )


def _order(identity: Identity) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return identity.featured, identity.members


def _aliases(clusters: dict[str, tuple[set[str], set[_Link]]]) -> dict[str, Alias]:
    aliases = {}
    for member, (members, links) in clusters.items():
        own = [link for link in sorted(links) if member in (link.one, link.other)]
        grade = Grade.HIGH
        aliases[member] = Alias(member, min(members), grade, own[0].reason)
    return dict(sorted(aliases.items()))
