"""What is predicted of a track, in one order everywhere."""

from __future__ import annotations

from typing import Final

from timbral.tables.columns import AUDIO_FEATURES, MOODS

REGRESSIONS: Final = ("energy", "valence")
TARGETS: Final = (*REGRESSIONS, *MOODS)
AUDIO_INPUTS: Final = tuple(column.name for column in AUDIO_FEATURES if column.name not in REGRESSIONS)
"""Audio features that may stand among the inputs; the two that are predicted never do."""
