"""Albums of several files, by their own id and by their artist."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from timbral.mood.inputs import ALBUM_SCORES
from timbral.mood.training.sources.names import album_of, first_artist, lead_artist

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.mood.training.sources.facts import AlbumFacts, FileFacts

Scores = tuple[float | None, ...]


class Albums:
    """What files say of albums.

    Args:
        files: The files.
    """

    def __init__(self, files: Sequence[FileFacts]) -> None:
        self._by_album: dict[str, list[AlbumFacts]] = defaultdict(list)
        self._by_artist: dict[str, list[AlbumFacts]] = defaultdict(list)
        for file in files:
            for album in file.albums:
                self._by_album[album_of(album.artist, album.title)].append(album)
                self._by_artist[lead_artist(album.artist)].append(album)

    def genres_of(self, artist: str, release: str = "") -> tuple[str, ...]:
        """Return the genres of a release, the commonest first; of the artist's albums if it isn't known.

        Args:
            artist: The artist's name; of a joint credit that is unknown the first counts.
            release: The release's title; empty if unknown.
        """
        counts = Counter(genre for album in self._chosen(artist, release) for genre in album.genres)
        return tuple(genre for genre, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    def scores_of(self, artist: str, release: str = "") -> Scores:
        """Return a release's scores, else the means of the artist's albums; empty if there are none.

        Args:
            artist: As for `genres_of`.
            release: As for `genres_of`.
        """
        rated = [album.scores for album in self._chosen(artist, release) if album.scores]
        return tuple(
            _mean([scores[place] for scores in rated]) for place in range(len(ALBUM_SCORES) if rated else 0)
        )

    def _chosen(self, artist: str, release: str) -> list[AlbumFacts]:
        if release and (found := self._by_album.get(album_of(artist, release))):
            return found
        return self._by_artist.get(lead_artist(artist)) or self._by_artist.get(first_artist(artist), [])


def _mean(scores: Sequence[float | None]) -> float | None:
    known = [score for score in scores if score is not None]
    return sum(known) / len(known) if known else None
