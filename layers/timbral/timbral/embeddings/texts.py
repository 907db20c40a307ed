"""Which texts stand for a track, and how their vectors become one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from timbral.digests import digest_text
from timbral.errors import ContractBroken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Floats: TypeAlias = npt.NDArray[np.float32]
TextKind = Literal["tags", "description", "review", "name"]

PART_WEIGHTS: Final[dict[TextKind, float]] = {
    "tags": 1.0,  # how people call the track itself
    "description": 0.5,  # prose about its album: right in the main, loose in detail
    "review": 0.3,  # opinion as much as sound
    "name": 0.1,  # names say little of sound
}

MOST_LABELS = 20
LEAST_TAG_OF_TOP = 0.05
"""A tag with less than this part of the heaviest tag's share is noise (a friend's joke, a typing error)."""
LONGEST_LABEL_CHARACTERS = 60
MOST_REVIEWS = 5
LONGEST_TEXT_CHARACTERS = 1_600
"""About 384 word pieces of English, all that the longest-reading encoder takes in."""

_SMALLEST_NORM = 1e-6


class TextPart(NamedTuple):
    """One text that stands for a track.

    Attributes:
        kind: Where it comes from; decides its weight. ``name`` marks a track of which nothing else is known.
        text: Not blank, spaces single, at most ``LONGEST_TEXT_CHARACTERS`` characters.
    """

    kind: TextKind
    text: str


def track_texts(
    *,
    title: str | None,
    artist: str | None,
    tags: Sequence[str],
    tag_shares: Sequence[float],
    genres: Sequence[str],
    year: int | None,
    album: str | None,
    album_description: str | None,
    review_snippets: Sequence[str],
) -> tuple[TextPart, ...]:
    """Say in words what a track is like.

    Tags, description and reviews stay apart, since an encoder cuts a long text off; none of them names the
    track, so that tracks of one album or of the same tags share texts, and each is embedded once. Names are
    used only where nothing else is known.

    Args:
        title: The track's title.
        artist: The artist's name.
        tags: What people call it, in any order.
        tag_shares: Their shares, in the order of ``tags``.
        genres: Genres, the main one first.
        year: Year of release.
        album: The album's title.
        album_description: What the album is, in prose.
        review_snippets: What reviewers wrote of the album.

    Returns:
        Tags, then description, then reviews, as far as there are any; else the names; nothing only for a
        track without even a name.

    Raises:
        ContractBroken: ``tags`` and ``tag_shares`` differ in length.
    """
    labels = _labels(tags, tag_shares, genres)
    reviews = list(dict.fromkeys(filter(None, map(_bounded, review_snippets))))[:MOST_REVIEWS]
    parts = [
        *_part("tags", ", ".join(labels)),
        *_part("description", _bounded(album_description)),
        *(TextPart("review", review) for review in reviews),
    ]
    return tuple(parts or _part("name", _name_text(title, artist, album, year)))


def text_hash(text: str) -> str:
    """Return the key under which a text's vector is kept, 32 hex characters."""
    return digest_text(text)


def pool_parts(kinds: Sequence[TextKind], vectors: Floats) -> Floats:
    """Blend the vectors of a track's texts.

    Texts of one kind are averaged first, so that many reviews weigh no more than one; the kinds are then
    summed with ``PART_WEIGHTS`` and the sum is brought to length 1. Zero vectors (nothing to read) count
    for nothing.

    Args:
        kinds: ``(n_texts,)``, the kind of each row.
        vectors: ``(n_texts, dimension)``, rows normalised or zero.

    Returns:
        ``(dimension,)`` float32, of length 1; zeros if there is nothing to blend or it cancels out.

    Raises:
        ContractBroken: The lengths differ.
    """
    if len(kinds) != len(vectors):
        msg = f"{len(kinds)} kinds of text can't describe {len(vectors)} vectors; there must be one each"
        raise ContractBroken(msg)
    total = np.zeros(vectors.shape[1], dtype=np.float64)
    readable = vectors.any(axis=1)
    for kind, weight in PART_WEIGHTS.items():
        chosen = readable & np.array([other == kind for other in kinds], dtype=bool)
        if chosen.any():
            total += weight * vectors[chosen].mean(axis=0, dtype=np.float64)
    norm = float(np.linalg.norm(total))
    pooled: Floats = (total / norm if norm > _SMALLEST_NORM else np.zeros_like(total)).astype(np.float32)
    return pooled


def _labels(tags: Sequence[str], shares: Sequence[float], genres: Sequence[str]) -> list[str]:
    if len(tags) != len(shares):
        msg = f"{len(tags)} tags have {len(shares)} shares; there must be one each"
        raise ContractBroken(msg)
    ranked = sorted(zip(tags, shares, strict=True), key=lambda pair: (-pair[1], pair[0]))
    floor = LEAST_TAG_OF_TOP * max(shares, default=0.0)
    heavy = [tag for tag, share in ranked if share >= floor]
    return _distinct([*genres, *heavy])[:MOST_LABELS]


def _distinct(labels: Iterable[str]) -> list[str]:
    first: dict[str, str] = {}
    for label in labels:
        clean = _bounded(label, LONGEST_LABEL_CHARACTERS)
        if clean:
            first.setdefault(clean.casefold(), clean)
    return list(first.values())


def _name_text(title: str | None, artist: str | None, album: str | None, year: int | None) -> str:
    by = [name for name in (_bounded(title, 300), _bounded(artist, 300)) if name]
    origin = _bounded(album, 300)
    pieces = [
        " by ".join(by),
        f"from {origin}" if origin else "",
        str(year) if year and (by or origin) else "",
    ]
    return ", ".join(filter(None, pieces))


def _part(kind: TextKind, text: str) -> list[TextPart]:
    return [TextPart(kind, text)] if text else []


def _bounded(text: str | None, longest: int = LONGEST_TEXT_CHARACTERS) -> str:
    """Bring spaces to one each and cut at the last whole word that fits."""
    clean = " ".join((text or "").split())
    if len(clean) <= longest:
        return clean
    cut = clean[: longest + 1].rpartition(" ")[0]
    return cut or clean[:longest]
