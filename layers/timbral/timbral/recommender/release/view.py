"""What a release offers to whoever answers from it: one immutable view, whatever it is kept in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from timbral.errors import TimbralError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

DIGITS = 4


class ReleaseGone(TimbralError):  # noqa: N818  named after what happened, like all in timbral.errors
    """A release was withdrawn while it was read; whoever asks again gets the one in its place."""

    status = 503
    slug = "not-ready"


@dataclass(frozen=True)
class TrackFilter:
    """Which tracks count; conditions are joined by *and*, the values of one by *or*.

    Attributes:
        genres: Genres, as the release spells them.
        moods: Moods that must be among the track's.
        year_from: Earliest year of release.
        year_to: Latest year of release.
    """

    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    year_from: int | None = None
    year_to: int | None = None


class TrackCard(NamedTuple):
    """A track as it is shown; its numbers are rounded to `DIGITS` behind the point.

    Attributes:
        row: Its place in the release, from 0; good within one release only.
        track_id: Its identity.
        title: Its title.
        artist: Its artist.
        artist_id: Its artist's identity.
        album: Its album, if known.
        year: Its year, if known.
        genres: The main one first.
        tags: The heaviest first.
        moods: The surest first.
        energy: 0..1.
        valence: 0..1.
        mood_confidence: ``high``, ``medium`` or ``low``.
        popularity: Share of the release's tracks that fewer people play, 0..1.
        spotify_id: For links, if known.
    """

    row: int
    track_id: str
    title: str
    artist: str
    artist_id: str
    album: str | None
    year: int | None
    genres: tuple[str, ...]
    tags: tuple[str, ...]
    moods: tuple[str, ...]
    energy: float
    valence: float
    mood_confidence: Literal["high", "medium", "low"]
    popularity: float
    spotify_id: str | None = None


@dataclass(frozen=True)
class ListenerProfile:
    """What a release knows of a listener.

    Attributes:
        listener_id: Who.
        factors: ``(n_factors,)`` place in the factor space.
        taste_vector: ``(256,)`` play-weighted place in the track-vector space, normalised.
        rows: ``(n_played,)`` rows of the tracks played, in ascending order.
        plays: ``(n_played,)`` how often.
        recent_plays: ``(n_played,)`` how often in the 90 days before the store's newest play.
        last_at_uts: ``(n_played,)`` latest timed play; 0 if unknown.
        hour_counts: Timed plays by hour of the day (UTC), 24 of them.
        scrobbles_count: Timed plays in all.
        newest_at_uts: The latest timed play; 0 if unknown.
        month_plays: ``(n_played,)`` as `recent_plays`, of 30 days; empty in releases of before.
        week_plays: ``(n_played,)`` as `recent_plays`, of 7 days; empty in releases of before.
        verdicts: ``(n_played,)`` what they said last: 1 liked or saved, -1 disliked, 0 nothing; may be empty.
        recent_hour_counts: As `hour_counts`, of 90 days; may be empty.
        month_hour_counts: As `hour_counts`, of 30 days; may be empty.
        week_hour_counts: As `hour_counts`, of 7 days; may be empty.
        picked_genres: Genres that they picked, in any case, where nothing but picks is known of them.
    """

    listener_id: str
    factors: Floats
    taste_vector: Floats
    rows: Rows
    plays: Rows
    recent_plays: Rows
    last_at_uts: Rows
    hour_counts: tuple[int, ...] = ()
    scrobbles_count: int = 0
    newest_at_uts: int = 0
    month_plays: Rows | tuple[()] = ()
    week_plays: Rows | tuple[()] = ()
    verdicts: Rows | tuple[()] = ()
    recent_hour_counts: tuple[int, ...] = ()
    month_hour_counts: tuple[int, ...] = ()
    week_hour_counts: tuple[int, ...] = ()
    picked_genres: tuple[str, ...] = ()

    @cached_property
    def library(self) -> Rows:
        """Rows of the tracks that they have played."""
        return self.rows[self.plays > 0]

    @cached_property
    def disliked(self) -> list[int]:
        """Rows of the tracks that they dislike."""
        import numpy as np  # noqa: PLC0415  who asks has it already, and requests without a release do without

        if not len(self.verdicts):
            return []
        disliked: list[int] = self.rows[np.asarray(self.verdicts) < 0].tolist()
        return disliked


@dataclass(frozen=True, eq=False)
class TrackColumns:
    """Every track's small facts, in memory, in row order; one object a release, and equal to itself alone.

    Attributes:
        popularity: ``(n,)`` 0..1, as on the cards.
        artist_codes: ``(n,)`` a number an artist.
        years: ``(n,)`` 0 if unknown.
        mood_shares: ``(n, 6)`` in the order of `timbral.tables.columns.MOODS`.
        mood_flags: ``(n, 6)`` Boolean: the mood is among the track's.
        genre_codes: Rows of the tracks of each genre.
        first_played_uts: ``(n,)`` earliest timed play by anyone; 0 if unknown.
        recent_plays: ``(n,)`` plays by anyone in the 90 days before the store's newest play.
        plays: ``(n,)`` plays by anyone.
    """

    popularity: Floats
    artist_codes: Rows
    years: Rows
    mood_shares: Floats
    mood_flags: Any
    genre_codes: dict[str, Rows] = field(default_factory=dict)
    first_played_uts: Any = None
    recent_plays: Any = None
    plays: Any = None


class ReleaseView(Protocol):
    """One release, opened for reading; safe for use by several threads."""

    release: str
    tracks_count: int

    def columns(self) -> TrackColumns:
        """Return every track's small facts."""

    def rows(self, track_ids: Sequence[str]) -> Rows:
        """Return the row of each track; -1 where the release doesn't have it. Aliases are followed."""

    def cards(self, rows: Sequence[int]) -> list[TrackCard]:
        """Return the cards of some rows, in the order asked."""

    def listener(self, listener_id: str) -> ListenerProfile | None:
        """Return what is known of a listener, or None if nothing is."""

    def vectors(self, rows: Sequence[int] | Rows) -> Floats:
        """Return ``(k, 256)`` normalised track vectors of some rows."""

    def scores(self, factors: Floats, taste_vector: Floats, library: Rows) -> Floats:
        """Return ``(n,)`` fused scores of all tracks for one listener, higher is better.

        Args:
            factors: ``(n_factors,)`` the listener in the factor space.
            taste_vector: ``(256,)`` the listener in the track-vector space.
            library: Rows of the tracks played: they count as evidence, not as candidates.
        """

    def fold_in(self, rows: Sequence[int], weights: Sequence[float]) -> tuple[Floats, Floats]:
        """Place somebody who isn't in the release by what they played.

        Returns:
            Factors ``(n_factors,)`` and taste vector ``(256,)``.
        """

    def near(self, vector: Floats, count: int, only: TrackFilter) -> Rows:
        """Return rows among which the so many nearest to a track vector are, each once, in no order."""

    def nearest_many(self, vectors: Floats, count: int, only: TrackFilter) -> Rows:
        """Return the rows nearest to each of ``(k, 256)`` vectors, all together, each once, ascending."""

    def companions(self, row: int) -> tuple[Rows, Floats]:
        """Return the other tracks that who plays this row plays most, and how much, 0..1; in no order."""

    def co_listened(self, rows: Sequence[int]) -> Floats:
        """Return ``(n,)`` how much the people who play these rows play each track, 0..1."""

    def search(self, text: str, count: int, only: TrackFilter) -> tuple[Rows, Floats]:
        """Return the tracks that a text asks for, best first: hybrid of meaning, names and tags.

        The view encodes the text with the encoder that the release was built with.
        """

    def suggest(self, text: str) -> str | None:
        """Return the known artist or title that a misspelt name most likely means, or None."""
