"""Folds that keep each artist on one side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from timbral.errors import InvalidInput
from timbral.mood.training.leaks import refuse_split_artists

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.mood.sparse import Wholes


def assign_folds(artist_ids: Sequence[str], folds_count: int) -> Wholes:
    """Deal artists into folds of about equal size.

    Args:
        artist_ids: ``(n,)`` each row's artist.
        folds_count: How many folds.

    Returns:
        ``(n,)`` each row's fold; the same artists always give the same folds.

    Raises:
        InvalidInput: There are fewer artists than folds.
    """
    from sklearn.model_selection import GroupKFold  # noqa: PLC0415  only training loads it

    artists_count = len(set(artist_ids))
    if artists_count < folds_count:
        msg = f"{artists_count} artists can't be dealt into {folds_count} folds; each fold needs one"
        raise InvalidInput(msg, "artist_id")
    folds = np.empty(len(artist_ids), dtype=np.int64)
    split = GroupKFold(folds_count).split(folds, groups=np.array(artist_ids))
    for fold, (_, places) in enumerate(split):
        folds[places] = fold
    refuse_split_artists(artist_ids, folds)
    return folds
