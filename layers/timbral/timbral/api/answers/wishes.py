"""What callers wish for, in the shape that decisions take it; importing it costs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from timbral.recommender.release.view import TrackFilter

Method = Literal["votes", "centroid"]
Window = Literal["7d", "30d", "90d", "all"]
Basis = Literal["history", "top_tracks", "picks", "popular"]
"""What a listener is known by, the first that says anything."""


@dataclass(frozen=True)
class Exclusion:
    """What must not be on the list, beside the seeds.

    Attributes:
        track_ids: Tracks; those that the release doesn't have are left out anyway.
        artist_ids: Artists.
        genres: Genres, in any spelling of case.
        moods: Moods.
        library: Whether the listener's own tracks stay off.
    """

    track_ids: tuple[str, ...] = ()
    artist_ids: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    library: bool = True


@dataclass(frozen=True)
class AutofillWish:
    """What a listener asks for.

    Attributes:
        seeds: Tracks of the playlist, at least one, none twice.
        count: How many tracks to add at most.
        diversity: λ of the choice, 0..1.
        artist_cap: How many tracks by one artist at most.
        include: What tracks must be.
        exclude: What they must not be.
        method: How candidates are scored, one of `timbral.api.answers.autofill.METHODS`.
    """

    seeds: tuple[str, ...]
    count: int
    diversity: float
    artist_cap: int
    include: TrackFilter
    exclude: Exclusion
    method: Method = "votes"
