"""How much a prediction had to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from timbral.mood.inputs import MoodInput
    from timbral.mood.vectoriser import Evidence

HIGH_TAGS_COUNT: Final = 4
HIGH_SHARE: Final = 0.5
MEDIUM_TAGS_COUNT: Final = 2
MEDIUM_READABLE_COUNT: Final = 3


def has_something_to_go_on(track: MoodInput, evidence: Evidence) -> bool:
    """Tell whether a model should speak at all; otherwise the genre's prior does.

    One known tag is enough, and so is a text embedding that knows tags or prose. One that knows only
    names is not.
    """
    readable = bool(track.text_hash) and (evidence.unknown_tags_count > 0 or track.has_prose)
    return evidence.known_tags_count > 0 or readable


def grade(track: MoodInput, evidence: Evidence) -> str:
    """Grade a prediction by what is known of the track.

    Returns:
        ``high``: at least 4 known tags that make up half of all that the track is called.
        ``medium``: at least 2 known tags, or 3 tags of any kind whose text embedding is known.
        ``low``: anything less; a genre alone, or nothing.
    """
    known_count = evidence.known_tags_count
    if known_count >= HIGH_TAGS_COUNT and evidence.known_share >= HIGH_SHARE:
        return "high"
    readable_count = len(track.tags) if track.text_hash else 0
    if known_count >= MEDIUM_TAGS_COUNT or readable_count >= MEDIUM_READABLE_COUNT:
        return "medium"
    return "low"
