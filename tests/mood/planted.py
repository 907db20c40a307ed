"""A planted world of moods: tags that cause moods, energy and valence; noise that doesn't."""

import numpy as np

from timbral.mood.inputs import MoodInput
from timbral.mood.targets import TARGETS
from timbral.mood.training.examples import Example, stack
from timbral.tables.columns import MOODS

CAUSES = {mood: [f"{mood} sound {number}" for number in range(3)] for mood in MOODS}
NOISE = [f"noise {number}" for number in range(12)]
LIFT = {
    "upbeat": (0.35, 0.2),
    "chill": (-0.3, 0.1),
    "dark": (0.05, -0.3),
    "happy": (0.1, 0.3),
    "sad": (-0.15, -0.3),
    "romantic": (-0.1, 0.1),
}
DIMENSION = 16


def truth(moods):
    """Energy, valence and moods of a track that was planted with these moods."""
    energy = np.clip(0.5 + sum(LIFT[mood][0] for mood in moods), 0, 1)
    valence = np.clip(0.5 + sum(LIFT[mood][1] for mood in moods), 0, 1)
    return {
        "energy": float(energy),
        "valence": float(valence),
        **{mood: float(mood in moods) for mood in MOODS},
    }


def planted_tags(moods, rng):
    tags = [str(rng.choice(CAUSES[mood])) for mood in moods]
    tags += [str(tag) for tag in rng.choice(NOISE, 2, replace=False)]
    return tuple((tag, 1 / len(tags)) for tag in tags)


def planted_vector(moods, rng):
    vector = rng.normal(0, 0.3, DIMENSION)
    for mood in moods:
        vector[MOODS.index(mood)] += 1
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def planted_rows(tracks_count=200, artists_count=40, seed=0, *, text=True, audio=False):
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(tracks_count):
        moods = sorted(str(mood) for mood in rng.choice(MOODS, rng.integers(1, 3), replace=False))
        track = MoodInput(
            tags=planted_tags(moods, rng),
            genres=("metal" if "dark" in moods else "pop",),
            decade=1990,
            text_hash=f"text {number}" if text else "",
            audio=tuple(float(value) for value in rng.random(7)) if audio else (),
        )
        rows.append(
            Example(
                track_id=f"{number:032x}",
                artist_id=f"artist {number % artists_count}",
                track=track,
                labels=truth(moods),
                origin="judged",
                vector=planted_vector(moods, rng) if text else None,
            )
        )
    return rows


def planted_examples(**how):
    rows = planted_rows(**how)
    return stack(rows, DIMENSION if how.get("text", True) else 0)


def text_of(moods, seed=1):
    return planted_vector(moods, np.random.default_rng(seed))[np.newaxis]


def column(target):
    return TARGETS.index(target)
