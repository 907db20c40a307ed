"""Ridge regressions whose opinions the trees start from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from timbral.mood.opinions import LinearOpinions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timbral.mood.sparse import Doubles, Floats, SparseRows, Wholes

CROWDING: Final = 0.1
"""How soon an artist's tracks count less each: with 10 tracks each counts half. They share what tags
don't say, so ten of one artist tell less than ten of ten."""
ALPHAS: Final = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
_DENSE_VALUES = 12_000_000
"""Up to this many values a dense solver is quicker than a sparse one."""


def as_scipy(rows: SparseRows) -> Any:
    """Return the rows as SciPy's compressed sparse rows."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415  only training loads it

    return csr_matrix((rows.values, rows.columns, rows.starts), shape=(len(rows), rows.width))


def crowding_weights(artists: Wholes, crowding: float) -> Doubles:
    """Let each of an artist's tracks count less the more there are.

    Args:
        artists: ``(n,)`` each row's artist, numbered from 0.
        crowding: How soon; 0 lets all count alike.

    Returns:
        ``(n,)`` with a mean of 1.
    """
    weights = 1.0 / (1.0 + crowding * np.bincount(artists)[artists])
    return np.asarray(weights / weights.mean(), dtype=np.float64)


class LinearFitter:
    """Fits ridge regressions on parts of one set of rows.

    Args:
        rows: ``(n, width)`` what the vectoriser made.
        text: ``(n, dimension)`` embeddings, zeros where there is none.
        labels: ``(n, n_targets)`` NaN where unknown.
        artist_ids: ``(n,)`` each row's artist.
    """

    def __init__(self, rows: SparseRows, text: Floats, labels: Floats, artist_ids: Sequence[str]) -> None:
        from scipy.sparse import csr_matrix, hstack  # noqa: PLC0415  only training loads it

        has_text = np.abs(text).sum(axis=1) > 0
        total = text[has_text].sum(axis=0, dtype=np.float64)
        self._mean = (total / max(1, int(has_text.sum()))).astype(np.float32)
        self._centred = np.where(has_text[:, np.newaxis], text - self._mean, np.float32(0))
        self._sparse = hstack([as_scipy(rows), csr_matrix(self._centred)]).tocsr()
        small = self._sparse.shape[0] * self._sparse.shape[1] <= _DENSE_VALUES
        self._matrix = self._sparse.toarray() if small else self._sparse
        self._solver = "cholesky" if small else "sparse_cg"
        self._labels = labels
        self._artists = np.unique(np.array(artist_ids), return_inverse=True)[1]
        self._width = rows.width

    def fit(self, places: Wholes, alphas: Doubles) -> LinearOpinions:
        """Fit all targets on some of the rows.

        Args:
            places: The rows.
            alphas: ``(n_targets,)`` strength of regularisation.
        """
        coefficients = np.zeros((self._matrix.shape[1], self._labels.shape[1]))
        intercepts = np.zeros(self._labels.shape[1])
        for columns, known in group_by_mask(self._labels[places]):
            chosen = places[known]
            labels = self._labels[chosen][:, columns]
            crowded = crowding_weights(self._artists[chosen], CROWDING)
            model = self._ridge(alphas[columns]).fit(self._matrix[chosen], labels, crowded)
            coefficients[:, columns] = np.atleast_2d(model.coef_).T
            intercepts[columns] = model.intercept_
        weights = coefficients[: self._width].astype(np.float32)
        text_weights = coefficients[self._width :].astype(np.float32)
        at_mean = self._mean.astype(np.float64) @ text_weights.astype(np.float64)
        return LinearOpinions(
            (intercepts - at_mean).astype(np.float32), intercepts.astype(np.float32), weights, text_weights
        )

    def _ridge(self, alphas: Doubles) -> Any:
        from sklearn.linear_model import Ridge  # noqa: PLC0415  only training loads it

        return Ridge(alphas, solver=self._solver, random_state=0)


def group_by_mask(labels: Floats) -> list[tuple[list[int], Wholes]]:
    """Group the targets that the same rows have labels of.

    Args:
        labels: ``(n, n_targets)`` NaN where unknown.

    Returns:
        The targets of each group and the rows that have their labels; targets without labels are in none.
    """
    groups: dict[bytes, tuple[list[int], Wholes]] = {}
    known = ~np.isnan(labels)
    for column in range(labels.shape[1]):
        mask = known[:, column]
        groups.setdefault(mask.tobytes(), ([], np.flatnonzero(mask)))[0].append(column)
    return [group for group in groups.values() if len(group[1])]


def choose_alphas(
    fitter: LinearFitter, rows: SparseRows, text: Floats, labels: Floats, folds: Wholes
) -> Doubles:
    """Choose each target's regularisation, that does best on one fold of artists that it hasn't seen.

    Args:
        fitter: Over all the rows.
        rows: The rows.
        text: Their embeddings.
        labels: Their labels.
        folds: ``(n,)`` each row's fold; fold 0 judges.

    Returns:
        ``(n_targets,)`` of `ALPHAS`; the middle one for a target that fold 0 has no labels of.
    """
    train, judge = np.flatnonzero(folds != 0), folds == 0
    counts = np.maximum((~np.isnan(labels[judge])).sum(axis=0), 1)
    errors = np.empty((len(ALPHAS), labels.shape[1]))
    for place, alpha in enumerate(ALPHAS):
        everywhere = np.full(labels.shape[1], alpha)
        opinions = fitter.fit(train, everywhere).opine(rows, text)[judge]
        errors[place] = np.nansum((opinions - labels[judge]) ** 2, axis=0) / counts
    chosen = np.array(ALPHAS)[np.argmin(errors, axis=0)]
    return np.where(np.isnan(labels[judge]).all(axis=0), ALPHAS[len(ALPHAS) // 2], chosen)


def held_out_opinions(
    fitter: LinearFitter, rows: SparseRows, text: Floats, folds: Wholes, alphas: Doubles
) -> Floats:
    """Return ``(n, n_targets)`` opinions, each row's from models that have not seen its artist."""
    opinions: list[tuple[Wholes, Floats]] = []
    for fold in range(int(folds.max()) + 1):
        inside = np.flatnonzero(folds == fold)
        model = fitter.fit(np.flatnonzero(folds != fold), alphas)
        opinions.append((inside, model.opine(rows, text)[inside]))
    out = np.empty((len(rows), opinions[0][1].shape[1]), dtype=np.float32)
    for places, values in opinions:
        out[places] = values
    return out
