"""Spotify's catalogue: the tracks that we know and it may know too, with genres and audio features."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from timbral.core.matching import Described, Grade, best_match
from timbral.errors import InvalidInput, SourceBusy, SourceRefused
from timbral.providers.spotify import loose_query_of, query_of
from timbral.raw.answers.envelope import Asked
from timbral.raw.answers.spotify import first_artist, is_track

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from timbral.core.matching import Match
    from timbral.providers.calls import Reply
    from timbral.providers.spotify import Spotify
    from timbral.pulling.spotify.memory import SpotifyMemory

AUDIO_FEATURES = "audio-features"


@dataclass(frozen=True)
class Unmatched:
    """A track that has no Spotify id yet.

    Attributes:
        track_id: Its identity.
        described: Its names, and its length where it is known.
    """

    track_id: str
    described: Described


@dataclass
class CatalogueReport:
    """What a run came to.

    Attributes:
        searched_count: Tracks that were searched for.
        matched_count: Of these, tracks that were found.
        audio_features_count: Audio features that were got.
        retry_after_s: None if the run came to its end; else when it may go on.
    """

    searched_count: int = 0
    matched_count: int = 0
    audio_features_count: int = 0
    retry_after_s: float | None = None
    notes: list[str] = field(default_factory=list)


class SpotifyCatalogue:
    """One run over tracks without a Spotify id.

    Args:
        spotify: The API.
        memory: What was asked before.
        keep: Keeps an answer, before anything is read from it.
        observed_at_uts: When the run was asked for, in Unix seconds: a run that is done again writes the
            same bytes.
    """

    def __init__(
        self,
        spotify: Spotify,
        memory: SpotifyMemory,
        keep: Callable[[Asked, bytes], object],
        observed_at_uts: int,
    ) -> None:
        self._spotify = spotify
        self._memory = memory
        self._keep = keep
        self._observed_at_uts = observed_at_uts

    def pull(self, tracks: Iterable[Unmatched]) -> CatalogueReport:
        """Look tracks up until all are, or the service or the run's budget says stop.

        Raises:
            SourceFailed: The service fails in a way that may pass; what was done stays done.
            SourceRefused: It refuses us altogether.
        """
        report = CatalogueReport()
        try:
            for track in tracks:
                if self._memory.is_due(track.track_id):
                    self._look_up(track, report)
        except SourceBusy as busy:
            report.retry_after_s = busy.retry_after_s
            report.notes.append(str(busy))
        return report

    def _look_up(self, track: Unmatched, report: CatalogueReport) -> None:
        found = self._search(track)
        if found is not None:
            item, match = found
            self._keep_match(track, item, match)
            report.audio_features_count += self._get_audio_features(item["id"])
            report.matched_count += 1
        report.searched_count += 1
        spotify_id, grade = (found[0]["id"], found[1].grade.label) if found else (None, Grade.NONE.label)
        self._memory.note_track(track.track_id, spotify_id, grade)

    def _search(self, track: Unmatched) -> tuple[dict[str, Any], Match] | None:
        wanted = track.described
        for query in dict.fromkeys(
            write(wanted.artist, wanted.title) for write in (query_of, loose_query_of)
        ):
            try:
                reply = self._spotify.search_tracks(query)
            except SourceRefused as error:
                if error.reason in {"expired", "forbidden"}:
                    raise
                continue  # it can't make sense of this query; the next may be plainer
            self._note("search", {"q": query}, reply)
            if chosen := choose(wanted, reply.json()):
                return chosen
        return None

    def _keep_match(self, track: Unmatched, item: dict[str, Any], match: Match) -> None:
        value = {
            "track": item,
            "genres": self._genres(item),
            "grade": match.grade.label,
            "reason": match.reason,
        }
        params = {"track_id": track.track_id}
        self._keep(self._asked("match", params), orjson.dumps(value, option=orjson.OPT_SORT_KEYS))

    def _genres(self, item: dict[str, Any]) -> list[str]:
        artist_id = next((artist.get("id") for artist in item["artists"] if isinstance(artist, dict)), None)
        if not isinstance(artist_id, str):
            return []
        known = self._memory.genres(artist_id)
        if known is not None:
            return known
        try:
            reply = self._spotify.artist(artist_id)
        except SourceRefused as error:
            if error.reason == "expired":
                raise
            return []  # everything works without genres
        self._note("artist", {"id": artist_id}, reply)
        value = reply.json()
        genres = [one for one in (value.get("genres") or ()) if isinstance(one, str)]
        self._memory.note_genres(artist_id, genres)
        return genres

    def _get_audio_features(self, spotify_id: str) -> int:
        if self._memory.is_refused(AUDIO_FEATURES):
            return 0
        try:
            reply = self._spotify.audio_features(spotify_id)
        except SourceRefused as error:
            if error.reason == "expired":
                raise
            if error.reason == "forbidden":
                self._memory.note_refusal(AUDIO_FEATURES, str(error))
            return 0
        self._note(AUDIO_FEATURES, {"id": spotify_id}, reply)
        return 1

    def _note(self, kind: str, params: dict[str, str], reply: Reply) -> None:
        self._keep(self._asked(kind, params), reply.body)

    def _asked(self, kind: str, params: dict[str, str]) -> Asked:
        return Asked("spotify", kind, self._observed_at_uts, None, params)


def choose(wanted: Described, answer: Any) -> tuple[dict[str, Any], Match] | None:
    """Choose among a search's results by the rules that tell recordings apart; the first isn't better.

    Args:
        wanted: What was looked for.
        answer: The search's answer.

    Returns:
        The track and its match, if one is sure enough to mean the same recording (``HIGH``).
    """
    tracks = answer.get("tracks") if isinstance(answer, dict) else None
    items = tracks.get("items") if isinstance(tracks, dict) else None
    found = [item for item in (items if isinstance(items, list) else ()) if is_track(item)]
    try:
        best = best_match(wanted, [_described(item) for item in found])
    except InvalidInput:
        return None
    if best is None or best[1].grade < Grade.HIGH:
        return None
    return found[best[0]], best[1]


def _described(item: dict[str, Any]) -> Described:
    ids = item.get("external_ids")
    length_ms = item.get("duration_ms")
    return Described(
        first_artist(item),
        item["name"],
        duration_ms=length_ms if isinstance(length_ms, int) else None,
        isrc=ids.get("isrc") if isinstance(ids, dict) else None,
    )
