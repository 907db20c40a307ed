"""Principal components on numpy alone: many numbers a track become 256.

Products and decompositions run on one thread: with another number of threads BLAS sums in another order,
and the same catalogue would give other bytes.

Source:
    I. T. Jolliffe, Principal Component Analysis, 2nd ed., Springer 2002, chapters 1 and 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from timbral.errors import ContractBroken
from timbral.vectors.blocks import Blocks, Scale, learn_scale

if TYPE_CHECKING:
    from timbral.vectors.blocks import Doubles, Floats

_CHUNK_ROWS = 2_048
_SMALLEST_LENGTH = 1e-6
_LEAST_VARIANCE = 1e-9  # less is the rounding of a direction in which nothing differs


@dataclass(frozen=True)
class Projection:
    """A fitted way from blocks to vectors.

    Attributes:
        scales: How each block is brought to one scale, by name.
        centre: ``(d,)`` mean of the joined blocks.
        components: ``(d, k)`` orthonormal columns, the widest first; k at most the vectors' dimension.
        tracks_count: Tracks in the catalogue that it was fitted on.
    """

    scales: dict[str, Scale]
    centre: Doubles
    components: Doubles
    tracks_count: int

    def project(self, blocks: Blocks, dimension: int) -> Floats:
        """Return ``(n, dimension)`` vectors of length 1.

        Components that are missing (few tracks, short embeddings) are zeros at the end. A track of which
        nothing is known gets zeros: it is like nothing.

        Args:
            blocks: What is known of the tracks.
            dimension: Length of the vectors.

        Raises:
            ContractBroken: A block has another width than the one that was learned from, or holds
                infinite values.
        """
        vectors = np.zeros((len(blocks.text), dimension), dtype=np.float32)
        with threadpool_limits(1):
            for start in range(0, len(vectors), _CHUNK_ROWS):
                rows = self._place(blocks.slice(start, start + _CHUNK_ROWS))
                vectors[start : start + len(rows), : rows.shape[1]] = rows
        return vectors

    def _place(self, blocks: Blocks) -> Doubles:
        joined = join(blocks, self.scales)
        rows = _product(joined - self.centre, self.components)
        lengths = np.sqrt((rows**2).sum(axis=1, keepdims=True))
        known = (joined != 0).any(axis=1, keepdims=True) & (lengths > _SMALLEST_LENGTH)
        return np.where(known, rows / np.maximum(lengths, _SMALLEST_LENGTH), 0.0)


def _product(rows: Doubles, components: Doubles) -> Doubles:
    """Multiply in chunks of one shape, whose last bits don't depend on how many rows there are."""
    padded = np.zeros((_CHUNK_ROWS, rows.shape[1]))
    padded[: len(rows)] = rows
    product: Doubles = (padded @ components)[: len(rows)]
    return product


def join(blocks: Blocks, scales: dict[str, Scale]) -> Doubles:
    """Put the scaled blocks side by side.

    Raises:
        ContractBroken: A block has another width than its scale, or holds infinite values.
    """
    scaled = []
    for name, block in blocks.named().items():
        width = len(scales[name].mean)
        if block.shape[1] != width:
            msg = f"the {name} block has {block.shape[1]} columns, the projection was fitted on {width}"
            raise ContractBroken(msg)
        if np.isinf(block).any() or (name == "text" and np.isnan(block).any()):
            msg = f"the {name} block holds a value that is not a finite number"
            raise ContractBroken(msg)
        scaled.append(scales[name].apply(_unknown(name, block)))
    return np.hstack(scaled)


def _unknown(name: str, block: Floats) -> Floats:
    """Mark a text of zeros as unknown, so that it lies at the mean and not opposite to it."""
    if name != "text":
        return block
    return np.where((block != 0).any(axis=1, keepdims=True), block, np.float32(np.nan))


def fit_projection(blocks: Blocks, dimension: int, tracks_count: int) -> Projection:
    """Fit scales and principal components.

    Args:
        blocks: What is known of a sample of tracks.
        dimension: Most components.
        tracks_count: Tracks in the whole catalogue.

    Returns:
        A projection whose components point so that their largest weight is positive.
    """
    scales = {name: learn_scale(name, _unknown(name, block)) for name, block in blocks.named().items()}
    width = sum(len(scale.mean) for scale in scales.values())
    total, products = np.zeros(width), np.zeros((width, width))
    with threadpool_limits(1):
        for start in range(0, len(blocks.text), _CHUNK_ROWS):
            rows = join(blocks.slice(start, start + _CHUNK_ROWS), scales)
            total += rows.sum(axis=0)
            products += rows.T @ rows
        count = max(1, len(blocks.text))
        centre = total / count
        components = _components(products / count - np.outer(centre, centre), dimension)
    return Projection(scales, centre, components, tracks_count)


def _components(covariance: Doubles, dimension: int) -> Doubles:
    values, vectors = np.linalg.eigh(covariance)
    order = np.argsort(-values, kind="stable")[:dimension]
    order = order[values[order] > _LEAST_VARIANCE]
    chosen = vectors[:, order]
    largest = np.abs(chosen).argmax(axis=0)
    signs = np.where(chosen[largest, np.arange(chosen.shape[1])] < 0, -1.0, 1.0)
    pointed: Doubles = chosen * signs
    return pointed
