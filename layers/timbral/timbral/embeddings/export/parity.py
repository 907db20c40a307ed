"""Proof that an artifact gives the vectors of the model that it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from timbral.embeddings.encoder import OnnxEncoder
from timbral.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PARITY_TEXTS: tuple[str, ...] = (
    "dream pop",
    "melancholic, slow, rainy night, piano",
    "SHOUTING IN CAPITALS, with: punctuation! (and brackets) [too]",
    "Sigur Rós and Björk at Þingvellir; naïve café",
    "東京の夜, 宇多田ヒカル",
    "Кино, группа крови",
    "أم كلثوم, طرب",
    "방탄소년단 봄날",
    "🎸🔥 loud",
    "drum'n'bass 174bpm, 90s, 1994",
    "pneumonoultramicroscopicsilicovolcanoconiosis",
    "a" * 300,
    "a record of warm guitars, half-heard voices and long evenings that never quite end " * 40,
    " tabs\tand\nlines  and   spaces ",
)
"""Scripts, symbols, odd spaces, an unreadable word and a text longer than any encoder reads."""


def check_parity(source: Path, artifact: Path, texts: Sequence[str] = PARITY_TEXTS) -> float:
    """Compare an artifact with sentence-transformers on its source.

    Args:
        source: The sentence-transformers folder.
        artifact: What was made from it.
        texts: What to compare on. Those with nothing to read are left out: the artifact gives zeros for
            them by decision.

    Returns:
        The largest absolute difference between two numbers of normalised vectors.

    Raises:
        InvalidInput: sentence-transformers is not installed, or no text has anything to read.
        ContractBroken: The artifact is not what its manifest promises.
    """
    try:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415  present in the batch image alone
    except ImportError as error:
        msg = "parity needs sentence_transformers, which is not installed"
        raise InvalidInput(msg) from error
    ours = OnnxEncoder(artifact).encode(texts)
    readable = [index for index, row in enumerate(ours) if row.any()]
    if not readable:
        msg = f"none of the {len(texts)} texts has anything to read"
        raise InvalidInput(msg)
    model = SentenceTransformer(str(source), device="cpu")
    theirs = model.encode([texts[index] for index in readable], normalize_embeddings=True)
    return float(np.abs(ours[readable] - theirs).max())
