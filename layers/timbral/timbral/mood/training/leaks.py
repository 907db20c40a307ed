"""Ways in which a label could slip into the inputs, each looked for and refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from timbral.errors import ContractBroken
from timbral.mood.lexicon import MOOD_OF_TAG
from timbral.mood.targets import AUDIO_INPUTS, TARGETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.mood.sparse import Floats, Wholes
    from timbral.mood.training.examples import Example

TOO_ALIKE: Final = 0.98
"""No audio feature correlates that much with how people judge a track; a copy of the label does."""
_LEAST_ROWS = 20


def refuse_leaking_columns(columns: Sequence[str]) -> None:
    """Refuse inputs that are what is to be predicted.

    Args:
        columns: As `Vectoriser.columns` names them.

    Raises:
        ContractBroken: An audio input is a target, or no audio input that is allowed.
    """
    for column in columns:
        kind, _, name = column.partition(":")
        if kind == "audio" and name not in AUDIO_INPUTS:
            msg = f"input {column!r} would leak what is predicted; allowed are {', '.join(AUDIO_INPUTS)}"
            raise ContractBroken(msg)


def refuse_copied_labels(names: Sequence[str], values: Floats, labels: Floats) -> None:
    """Refuse audio values that are a label under another name.

    Args:
        names: The audio columns.
        values: ``(n, n_columns)`` NaN where unknown.
        labels: ``(n, n_targets)`` NaN where unknown.

    Raises:
        ContractBroken: A column correlates with a target as only a copy of it does.
    """
    for column, name in enumerate(names):
        for place, target in enumerate(TARGETS):
            if abs(_correlation(values[:, column], labels[:, place])) >= TOO_ALIKE:
                msg = (
                    f"audio input {name!r} is a copy of the label {target!r}: it would leak what is predicted"
                )
                raise ContractBroken(msg)


def _correlation(one: Floats, other: Floats) -> float:
    known = ~(np.isnan(one) | np.isnan(other))
    if known.sum() < _LEAST_ROWS or np.ptp(one[known]) == 0 or np.ptp(other[known]) == 0:
        return 0.0
    return float(np.corrcoef(one[known].astype(np.float64), other[known].astype(np.float64))[0, 1])


def refuse_split_artists(artist_ids: Sequence[str], folds: Wholes) -> None:
    """Refuse folds that have an artist on both sides: models mostly remember artists.

    Args:
        artist_ids: ``(n,)`` each row's artist.
        folds: ``(n,)`` each row's fold.

    Raises:
        ContractBroken: An artist's rows lie in two folds.
    """
    fold_of: dict[str, int] = {}
    for artist_id, fold in zip(artist_ids, folds.tolist(), strict=True):
        if fold_of.setdefault(artist_id, fold) != fold:
            msg = f"artist {artist_id!r} lies in folds {fold_of[artist_id]} and {fold}; one is allowed"
            raise ContractBroken(msg)


def refuse_voting_inputs(rows: Sequence[Example]) -> None:
    """Refuse rows whose labels were voted by tags that are still among their inputs.

    Raises:
        ContractBroken: A voted row has a mood tag, or a text embedding, which may spell one.
    """
    for row in rows:
        if row.origin != "voted":
            continue
        voting = [tag for tag, _ in row.track.tags if tag in MOOD_OF_TAG]
        if voting or row.vector is not None or row.track.text_hash:
            what = f"tag {voting[0]!r}" if voting else "a text embedding"
            msg = f"track {row.track_id!r} has labels voted by its tags and {what} among its inputs"
            raise ContractBroken(msg)
