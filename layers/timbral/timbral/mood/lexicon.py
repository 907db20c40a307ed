"""Which tags vote for which mood.

A vote is a label, so it must not be an input too: a row that learns from votes loses all the
tags of this list (`timbral.mood.training.votes`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST_MOOD_TAGS = 3
LEAST_SHARE = 0.25
"""A mood holds if at least this part of the weight of a track's mood tags votes for it."""

_WORDS = {
    "upbeat": """upbeat, energetic, energy, high energy, party, dance, danceable, dancing, driving, fast,
        exciting, anthemic, euphoric, rousing, pumped, workout, groovy, lively, power, adrenaline, banger""",
    "chill": """chill, chillout, chill out, chilled, relaxing, relax, relaxed, calm, calming, mellow,
        laid back, laid-back, easy listening, peaceful, soothing, sleep, dreamy, soft, downtempo, quiet,
        gentle, serene, tranquil, lazy, slow, meditative, smooth""",
    "dark": """dark, darkness, gloomy, sinister, ominous, haunting, eerie, creepy, brooding, menacing, evil,
        bleak, nocturnal, disturbing, scary, tense, aggressive, angry, anger, apocalyptic, claustrophobic,
        paranoid, doom, cold""",
    "happy": """happy, happiness, feel good, feelgood, feel-good, good mood, joyful, joy, cheerful, fun,
        sunny, sunshine, summer, uplifting, optimistic, playful, smile, bright, feel good music,
        positive, carefree, hopeful, funny""",
    "sad": """sad, sadness, melancholy, melancholic, melancholia, heartbreak, heartbreaking, heartbroken,
        depressing, depressed, depressive, bittersweet, lonely, loneliness, sorrow, mournful, grief, crying,
        tears, tearjerker, breakup, break up, wistful, aching, longing, sad songs, tragic, miserable,
        sombre, yearning""",
    "romantic": """romantic, romance, love, love song, love songs, lovely, sensual, sexy, tender, intimate,
        passionate, wedding, seductive, making love, sweet, sentimental, lovers, crush, slow dance""",
}
MOOD_OF_TAG: Final[dict[str, str]] = {
    " ".join(tag.split()): mood for mood in MOODS for tag in _WORDS[mood].split(",")
}


def voted_moods(tags: Iterable[tuple[str, float]]) -> dict[str, bool] | None:
    """Read a track's moods from its tags.

    Args:
        tags: Tags with their shares.

    Returns:
        ``{mood: whether it holds}`` for every mood, or None where fewer than `LEAST_MOOD_TAGS` tags name one.
    """
    votes = [(MOOD_OF_TAG[tag], share) for tag, share in tags if tag in MOOD_OF_TAG]
    total = sum(share for _, share in votes)
    if len(votes) < LEAST_MOOD_TAGS or total <= 0:
        return None
    weights = {mood: sum(share for voted, share in votes if voted == mood) for mood in MOODS}
    return {mood: weight >= LEAST_SHARE * total for mood, weight in weights.items()}
