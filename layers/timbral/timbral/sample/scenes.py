"""Scenes: the tastes that simulated listeners are planted with.

A scene is what somebody means by "my kind of music": a genre family or two, often in one
mood only. Recommendations are right when they give a listener's scenes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from timbral.sample.catalogue import CatalogueTrack


@dataclass(frozen=True, slots=True)
class Scene:
    """A taste, by genre family and mood.

    Attributes:
        name: What a listener would call it.
        families: The genre families that belong to it.
        moods: At least one of these moods; any mood where it is empty.
    """

    name: str
    families: frozenset[str]
    moods: frozenset[str]


def _scene(name: str, families: str, moods: str = "") -> Scene:
    return Scene(name, frozenset(families.split(", ")), frozenset(moods.split()))


SCENES = (
    _scene("heavy metal", "metal"),
    _scene("three chords", "punk"),
    _scene("cold wave", "post-punk"),
    _scene("night bus", "trip hop, electronic", "dark sad"),
    _scene("dance floor", "electronic", "happy upbeat"),
    _scene("drifting off", "ambient", "chill"),
    _scene("quiet piano", "classical"),
    _scene("candlelit jazz", "jazz", "romantic chill"),
    _scene("slow jams", "soul", "romantic chill"),
    _scene("block party", "funk, soul", "upbeat"),
    _scene("island sun", "reggae"),
    _scene("lonely songs", "folk", "sad chill"),
    _scene("lonesome highway", "country"),
    _scene("loud guitars", "rock", "upbeat dark"),
    _scene("street rap", "hip hop", "dark upbeat"),
    _scene("lazy beats", "hip hop, trip hop", "chill"),
    _scene("haze", "shoegaze"),
    _scene("guitar club", "indie"),
    _scene("radio hits", "pop", "upbeat sad"),
    _scene("tokyo to seoul", "asian pop"),
    _scene("tropics", "latin, african", "happy upbeat"),
    _scene("delta", "blues"),
    _scene("jukebox", "rock and roll"),
    _scene("desert roads", "middle eastern, african"),
)


def tracks_of(scene: Scene, catalogue: Iterable[CatalogueTrack]) -> list[CatalogueTrack]:
    """Return the catalogue's tracks that fit a scene, in the catalogue's order."""
    return [
        track
        for track in catalogue
        if track.family in scene.families and (not scene.moods or scene.moods.intersection(track.moods))
    ]
