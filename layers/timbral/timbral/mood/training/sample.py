"""The sample catalogue as examples, so that every store has a model from its first run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from timbral.core.normalise import artist_id, identify, track_id
from timbral.digests import digest_json
from timbral.embeddings.texts import pool_parts, track_texts
from timbral.mood.inputs import MoodInput, decade_of, words_of
from timbral.mood.training.examples import Example
from timbral.sample.catalogue import load_catalogue
from timbral.sample.catalogue_files import weighted_tags
from timbral.tables.columns import MOODS
from timbral.tags.normalise import normalise_tag

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from timbral.embeddings.encoder import Encoder
    from timbral.embeddings.texts import TextPart
    from timbral.mood.sparse import Floats
    from timbral.sample.catalogue import CatalogueTrack


def sample_examples(encoder: Encoder | None, known: Container[str]) -> list[Example]:
    """Read the catalogue as a store would have it.

    Args:
        encoder: Embeds the catalogue's texts; None if no text is looked at.
        known: Tracks that the store has labels of already; they are left out.
    """
    chosen = [(track_id(identify(*track.key)), track) for track in load_catalogue()]
    chosen = [(own_id, track) for own_id, track in chosen if own_id not in known]
    parts = [_texts(track) for _, track in chosen]
    vectors = _embed(parts, encoder) if encoder else [None] * len(chosen)
    return [
        Example(
            track_id=own_id,
            artist_id=artist_id(track.artist),
            track=_input(track, texts if encoder else ()),
            labels={
                "energy": track.energy,
                "valence": track.valence,
                **{mood: float(mood in track.moods) for mood in MOODS},
            },
            origin="sample",
            vector=vector,
        )
        for (own_id, track), texts, vector in zip(chosen, parts, vectors, strict=True)
    ]


def _shares(track: CatalogueTrack) -> dict[str, float]:
    weights: dict[str, float] = {}
    for raw, weight in weighted_tags(track):
        if tag := normalise_tag(raw):
            weights[tag] = max(weights.get(tag, 0.0), float(weight))
    total = sum(weights.values())
    return {tag: weight / total for tag, weight in weights.items()}


def _texts(track: CatalogueTrack) -> tuple[TextPart, ...]:
    tags = _shares(track)
    return track_texts(
        title=track.title,
        artist=track.artist,
        tags=list(tags),
        tag_shares=list(tags.values()),
        genres=track.genres,
        year=track.year,
        album=track.album,
        album_description=track.album_description,
        review_snippets=(),
    )


def _input(track: CatalogueTrack, texts: Sequence[TextPart]) -> MoodInput:
    return MoodInput(
        tags=tuple(_shares(track).items()),
        genres=tuple(genre.casefold() for genre in track.genres),
        decade=decade_of(track.year),
        words=words_of(track.title, track.album),
        has_prose=bool(texts),
        text_hash=digest_json([list(part) for part in texts]) if texts else "",
    )


def _embed(parts: Sequence[Sequence[TextPart]], encoder: Encoder) -> list[Floats | None]:
    texts = sorted({part.text for of_track in parts for part in of_track})
    vector_of = dict(zip(texts, encoder.encode(texts), strict=True))
    return [
        pool_parts([part.kind for part in of_track], np.stack([vector_of[part.text] for part in of_track]))
        for of_track in parts
    ]
