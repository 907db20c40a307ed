"""Planted tastes: who the simulated listeners are, and the truth to measure recommendations against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timbral.errors import InvalidInput
from timbral.sample.names import NAMES
from timbral.sample.scenes import SCENES, Scene, tracks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.sample.catalogue import CatalogueTrack

LISTENERS_COUNT = 80
SEED = 7
_HELD_OUT_SHARE = 0.2
_SCENES_WEIGHTS = (0.3, 0.45, 0.25)  # how many listeners have one, two and three scenes


@dataclass(frozen=True, slots=True)
class PlantedTaste:
    """What one listener was made to like.

    Attributes:
        listener: The listener's name.
        scenes: One to three, in the order of discovery.
        known: Per scene, the tracks that the listener plays.
        held_out: Tracks that fit the scenes and were left unheard: what to recommend.
    """

    listener: str
    scenes: tuple[Scene, ...]
    known: tuple[tuple[CatalogueTrack, ...], ...]
    held_out: tuple[CatalogueTrack, ...]


def planted_tastes(
    catalogue: Sequence[CatalogueTrack], listeners_count: int = LISTENERS_COUNT, seed: int = SEED
) -> dict[str, PlantedTaste]:
    """Plant tastes in listeners.

    Scenes are dealt round and round, so that each has about as many listeners as any other and
    popularity knows nothing of them. A fifth of each scene's tracks is held out per listener.

    Args:
        catalogue: The tracks to choose from.
        listeners_count: 1 to `len(NAMES)`.
        seed: The same seed plants the same tastes.

    Returns:
        ``{listener: taste}`` in the order of `NAMES`.

    Raises:
        InvalidInput: There are not that many names.
    """
    if not 1 <= listeners_count <= len(NAMES):
        raise InvalidInput(
            f"listeners_count is {listeners_count}, but must be 1 to {len(NAMES)}", "listeners_count"
        )
    rng = np.random.default_rng([seed, 1])
    pools = {scene.name: tracks_of(scene, catalogue) for scene in SCENES}
    deck: list[Scene] = []
    tastes = {}
    for name in NAMES[:listeners_count]:
        wanted = int(rng.choice(len(_SCENES_WEIGHTS), p=_SCENES_WEIGHTS)) + 1
        scenes = _deal(deck, wanted, rng)
        tastes[name] = _plant(name, scenes, pools, rng)
    return tastes


def _deal(deck: list[Scene], wanted: int, rng: np.random.Generator) -> tuple[Scene, ...]:
    hand: list[Scene] = []
    while len(hand) < wanted:
        if not deck:
            deck.extend(SCENES[place] for place in rng.permutation(len(SCENES)))
        scene = deck.pop()
        if scene not in hand:
            hand.append(scene)
    return tuple(hand)


def _plant(
    name: str,
    scenes: tuple[Scene, ...],
    pools: dict[str, list[CatalogueTrack]],
    rng: np.random.Generator,
) -> PlantedTaste:
    held_out: dict[tuple[str, str], CatalogueTrack] = {}
    for scene in scenes:
        pool = pools[scene.name]
        for place in rng.choice(len(pool), round(len(pool) * _HELD_OUT_SHARE), replace=False):
            held_out[pool[place].key] = pool[place]
    known = tuple(
        tuple(track for track in pools[scene.name] if track.key not in held_out) for scene in scenes
    )
    return PlantedTaste(name, scenes, known, tuple(held_out.values()))
