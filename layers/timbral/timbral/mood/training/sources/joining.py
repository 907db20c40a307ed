"""What several files say of the same tracks, as examples."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from timbral.core.normalise import identify, track_id
from timbral.digests import digest_text
from timbral.mood.inputs import MoodInput, decade_of, words_of
from timbral.mood.lexicon import MOOD_OF_TAG, voted_moods
from timbral.mood.training.examples import Example
from timbral.mood.training.sources.albums import Albums
from timbral.mood.training.sources.artists import LEAST_TAGS, Artists
from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from timbral.mood.training.examples import Origin
    from timbral.mood.training.settings import TrainingSettings
    from timbral.mood.training.sources.facts import FileFacts, Part, TrackFacts


@dataclass(frozen=True)
class Labelled:
    """What can be learned from.

    Attributes:
        rows: The examples.
        parts: ``{track_id: part}`` of the tracks of a published division.
    """

    rows: tuple[Example, ...]
    parts: Mapping[str, Part]


def join(files: Sequence[FileFacts], settings: TrainingSettings) -> Labelled:
    """Put together what files say.

    Tracks come together by a file's own ids, then by artist and title. A track with fewer than three tags
    of its own takes its artist's. Labels of different origin stay apart; of equal origin their mean counts.

    Args:
        files: What was read.
        settings: Which labels and inputs may be used.
    """
    artists = Artists(files)
    albums = Albums(files)
    rows: list[Example] = []
    parts: dict[str, Part] = {}
    for own_id, facts in sorted(_by_track(files).items()):
        track = _input(facts, artists, albums, settings)
        artist = next((one.artist for one in facts if one.artist), "")
        if not artist:
            continue
        for origin, labels in sorted(_labels(facts, settings).items()):
            if (row := _example(own_id, artists.group(artist), track, labels, origin)) is not None:
                rows.append(row)
        for one in facts:
            if one.part and one.labels:
                parts[own_id] = one.part
    rows += _voted_artists(artists)
    if settings.train_on_provider_content:
        rows += _artist_means(files, artists, albums)
    return Labelled(tuple(_few_voted(rows, settings.most_voted)), parts)


def _by_track(files: Sequence[FileFacts]) -> dict[str, list[TrackFacts]]:
    by_key: dict[str, list[TrackFacts]] = defaultdict(list)
    for place, file in enumerate(files):
        for number, facts in enumerate(file.tracks):
            if facts.origin != "artist_mean":
                by_key[facts.key or f"{place}:{number}"].append(facts)
    by_track: dict[str, list[TrackFacts]] = defaultdict(list)
    for key, group in by_key.items():
        named = next((facts for facts in group if facts.artist and facts.title), None)
        own_id = track_id(identify(named.artist, named.title)) if named else digest_text(key)
        by_track[own_id] += group
    return by_track


def _input(
    facts: Sequence[TrackFacts], artists: Artists, albums: Albums, settings: TrainingSettings
) -> MoodInput:
    artist = next((one.artist for one in facts if one.artist), "")
    years = [one.year for one in facts if one.year is not None]
    audio = next((one.audio for one in facts if one.audio), ())
    release = next((one.release for one in facts if one.release), "")
    genres = albums.genres_of(artist, release) if artist else ()
    return MoodInput(
        tags=_tags(facts, artists.tags_of(artist) if artist else {}),
        genres=tuple(dict.fromkeys([*(genre for one in facts for genre in one.genres), *genres])),
        decade=decade_of(min(years, default=None)),
        popularity=max(one.popularity for one in facts),
        duration_ms=next((one.duration_ms for one in facts if one.duration_ms), None),
        words=words_of(next((one.title for one in facts if one.title), None), release),
        audio=audio if settings.audio_inputs else (),
        listening=artists.listening_of(artist) if artist else (),
        scores=albums.scores_of(artist, release) if artist else (),
    )


def _tags(facts: Sequence[TrackFacts], of_artist: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    shares: dict[str, float] = defaultdict(float)
    for one in facts:
        _add_shares(shares, dict(one.tags))
    if len(shares) < LEAST_TAGS:
        _add_shares(shares, of_artist)
    return _as_shares(shares)


def _add_shares(shares: dict[str, float], weights: Mapping[str, float]) -> None:
    total = sum(weights.values())
    for tag, weight in weights.items():
        shares[tag] += weight / total


def _as_shares(weights: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    total = sum(weights.values())
    return tuple((tag, weight / total) for tag, weight in sorted(weights.items()))


def _labels(facts: Sequence[TrackFacts], settings: TrainingSettings) -> dict[Origin, dict[str, float]]:
    """Return the labels by origin, those that the tracks' own tags vote among them."""
    said: dict[Origin, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for one in facts:
        if one.origin and (one.origin != "provider" or settings.train_on_provider_content):
            for target, label in one.labels.items():
                said[one.origin][target].append(label)
    votes = voted_moods(_tags(facts, {})) or {}
    for mood, holds in votes.items() if MOODS[0] not in said["judged"] else ():
        said["voted"][mood].append(float(holds))
    return {
        origin: {target: sum(labels) / len(labels) for target, labels in by_target.items()}
        for origin, by_target in said.items()
        if by_target
    }


def _example(
    own_id: str, artist: str, track: MoodInput, labels: Mapping[str, float], origin: Origin
) -> Example | None:
    if origin == "voted":
        track = track.without_tags(MOOD_OF_TAG)
    least = 0 if origin == "judged" else LEAST_TAGS
    return Example(own_id, artist, track, labels, origin) if len(track.tags) >= least else None


def _voted_artists(artists: Artists) -> Iterator[Example]:
    """Let artists stand for themselves where their tags name enough moods."""
    for own_id, weights in sorted(artists.tags.items()):
        tags = _as_shares(weights)
        if (votes := voted_moods(tags)) is None:
            continue
        track = MoodInput(tags=tags, listening=artists.listening_by_id(own_id))
        labels = {mood: float(holds) for mood, holds in votes.items()}
        if row := _example(digest_text(f"voted\x1f{own_id}"), own_id, track, labels, "voted"):
            yield row


def _artist_means(files: Sequence[FileFacts], artists: Artists, albums: Albums) -> Iterator[Example]:
    means: dict[str, list[TrackFacts]] = defaultdict(list)
    for file in files:
        for facts in file.tracks:
            if facts.origin == "artist_mean":
                means[artists.group(facts.artist)].append(facts)
    for group, found in sorted(means.items()):
        tags = artists.tags_of(found[0].artist)
        name = found[0].artist
        track = MoodInput(
            tags=_as_shares(tags),
            genres=albums.genres_of(name),
            listening=artists.listening_of(name),
            scores=albums.scores_of(name),
        )
        labels = {
            target: sum(one.labels[target] for one in found) / len(found)
            for target in found[0].labels
            if all(target in one.labels for one in found)
        }
        if row := _example(digest_text(f"mean\x1f{group}"), group, track, labels, "artist_mean"):
            yield row


def _few_voted(rows: Sequence[Example], most: int) -> Iterator[Example]:
    """Keep so many voted rows; their ids are digests, so the first will do."""
    voted = sorted(row.track_id for row in rows if row.origin == "voted")
    kept = frozenset(voted[:most])
    return (row for row in rows if row.origin != "voted" or row.track_id in kept)
