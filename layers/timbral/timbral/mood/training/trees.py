"""The trees: XGBoost for energy and valence, LightGBM for each mood."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from timbral.mood.targets import REGRESSIONS

if TYPE_CHECKING:
    from timbral.mood.sparse import Doubles, Floats
    from timbral.mood.training.thresholds import Flags


@dataclass(frozen=True)
class TreeSettings:
    """How trees grow.

    Attributes:
        rounds_count: Trees.
        depth: Most questions from root to leaf (XGBoost).
        leaves_count: Most leaves (LightGBM).
        learning_rate: What of each tree is added.
        least_rows: Fewest rows in a leaf.
        columns_share: What of the columns a tree may ask about.
        rows_share: What of the rows a tree sees.
        seed: Decides which.
    """

    rounds_count: int
    depth: int
    leaves_count: int
    learning_rate: float
    least_rows: int
    columns_share: float = 0.3
    rows_share: float = 0.8
    seed: int = 0


SMALL: Final = TreeSettings(rounds_count=150, depth=3, leaves_count=6, learning_rate=0.04, least_rows=4)
LARGE: Final = TreeSettings(rounds_count=300, depth=6, leaves_count=31, learning_rate=0.03, least_rows=20)
WIDE_LEAVES: Final = tuple(
    TreeSettings(
        rounds_count=400,
        depth=depth,
        leaves_count=31,
        learning_rate=0.02,
        least_rows=least_rows,
        columns_share=0.4,
    )
    for depth, least_rows in ((5, 60), (7, 60), (7, 200), (9, 120))
)
"""For regressions with many rows, of which what does best on artists not met is taken: wide leaves keep deep
trees from learning single artists by heart."""
SPECIFIED: Final = TreeSettings(
    rounds_count=800,
    depth=10,
    leaves_count=31,
    learning_rate=0.3,
    least_rows=1,
    columns_share=1.0,
    rows_share=1.0,
)
LARGE_FROM_ROWS: Final = 3_000
_HASTE: Final = 4


def settings_for(
    target: str, rows_count: int, wanted: Literal["tuned", "specified"]
) -> tuple[TreeSettings, ...]:
    """Return the settings that come into question, by how much there is to learn from.

    Args:
        target: What is predicted; the specification sets only XGBoost's trees.
        rows_count: Rows with a label.
        wanted: ``specified`` for the specification's, else ``tuned``.
    """
    if wanted == "specified" and target in REGRESSIONS:
        return (SPECIFIED,)
    if rows_count < LARGE_FROM_ROWS:
        return (SMALL,)
    return WIDE_LEAVES if target in REGRESSIONS else (LARGE,)


def choose_settings(
    target: str,
    matrix: Floats,
    labels: Floats,
    weights: Doubles,
    *,
    judge: Flags,
    wanted: Literal["tuned", "specified"],
) -> TreeSettings:
    """Choose what does best on artists that it hasn't seen.

    Args:
        target: What is predicted.
        matrix: As for `grow`.
        labels: As for `grow`.
        weights: As for `grow`.
        judge: ``(n,)`` the rows of one fold of artists, that judge; the others are learned from.
        wanted: As for `settings_for`.

    Returns:
        The settings of least squared error; the first ones if either side has no rows.
    """
    candidates = settings_for(target, len(labels), wanted)
    if len(candidates) == 1 or judge.all() or not judge.any():
        return candidates[0]
    train = ~judge
    errors = []
    for settings in candidates:
        model = grow(target, matrix[train], labels[train], weights[train], _hastened(settings))
        errors.append(float(np.mean((answer(target, model, matrix[judge]) - labels[judge]) ** 2)))
    return candidates[int(np.argmin(errors))]


def _hastened(settings: TreeSettings) -> TreeSettings:
    """Return settings that go as far in fewer steps: enough to tell which of several do best."""
    return replace(
        settings,
        rounds_count=settings.rounds_count // _HASTE,
        learning_rate=settings.learning_rate * _HASTE,
    )


def grow(target: str, matrix: Floats, labels: Floats, weights: Doubles, settings: TreeSettings) -> Any:
    """Fit one model on one thread, so that the same data always gives the same model.

    Args:
        target: What is predicted.
        matrix: ``(n, n_columns)`` inputs, zero where unknown.
        labels: ``(n,)`` without gaps.
        weights: ``(n,)`` how much each row counts.
        settings: How trees grow.

    Returns:
        An XGBoost regressor or a LightGBM classifier.
    """
    if target in REGRESSIONS:
        return _regressor(settings).fit(matrix, labels, sample_weight=weights)
    return _classifier(settings).fit(matrix, labels.astype("int32"), sample_weight=weights)


def _regressor(settings: TreeSettings) -> Any:
    from xgboost import XGBRegressor  # noqa: PLC0415  only training loads it

    return XGBRegressor(
        n_estimators=settings.rounds_count,
        max_depth=settings.depth,
        learning_rate=settings.learning_rate,
        min_child_weight=settings.least_rows,
        colsample_bytree=settings.columns_share,
        subsample=settings.rows_share,
        tree_method="hist",
        random_state=settings.seed,
        n_jobs=1,
    )


def _classifier(settings: TreeSettings) -> Any:
    from lightgbm import LGBMClassifier  # noqa: PLC0415  only training loads it

    return LGBMClassifier(
        n_estimators=settings.rounds_count,
        num_leaves=settings.leaves_count,
        learning_rate=settings.learning_rate,
        min_child_samples=settings.least_rows,
        colsample_bytree=settings.columns_share,
        subsample=settings.rows_share,
        subsample_freq=1,
        deterministic=True,
        force_row_wise=True,
        random_state=settings.seed,
        n_jobs=1,
        verbose=-1,
    )


def answer(target: str, model: Any, matrix: Floats) -> Floats:
    """Return ``(n,)`` predictions: values, or probabilities of a mood."""
    if target in REGRESSIONS:
        values: Floats = model.predict(matrix)
        return values
    probabilities: Floats = model.predict_proba(matrix)[:, 1].astype("float32")
    return probabilities
