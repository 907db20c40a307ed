"""Query and text read together: slower than comparing vectors, and closer to what was asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np

from timbral.embeddings.artifact import CrossEncoderManifest, load_cross_manifest
from timbral.embeddings.opening import open_session, open_tokenizer, readable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from timbral.embeddings.encoder import Floats

CROSS_ENCODER_PREFIX: Final = "embeddings/cross-encoder"
"""Where the store keeps cross-encoders."""


class OnnxCrossEncoder:
    """Runs a cross-encoder artifact on onnxruntime, one pair at a time, for the reasons of `OnnxEncoder`.

    Args:
        folder: The artifact; its files are held against its manifest.
        threads: Pairs at work at once, one core each.

    Raises:
        ContractBroken: The artifact is not what its manifest promises.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._manifest: CrossEncoderManifest = load_cross_manifest(folder)
        self._threads = threads
        self._tokenizer = open_tokenizer(folder, self._manifest.max_tokens)
        self._session = open_session(folder, f"cross-encoder {self._manifest.name!r}", 1)

    @property
    def fingerprint(self) -> str:
        """Digest of all that decides a score, 32 hex characters."""
        return self._manifest.fingerprint

    def relevance(self, query: str, texts: Sequence[str]) -> Floats:
        """Score how well each text answers a query.

        Args:
            query: What was asked for.
            texts: What may answer it; where the two are too long together, the longer one is cut off.

        Returns:
            ``(len(texts),)``, each in 0..1, higher is better; a score depends on its own pair alone.
        """
        wanted = readable(query)
        if self._threads == 1 or len(texts) <= 1:
            scores = [self._score(wanted, text) for text in texts]
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                scores = list(pool.map(lambda text: self._score(wanted, text), texts))
        return np.array(scores, dtype=np.float32)

    def _score(self, query: str, text: str) -> float:
        pair = self._tokenizer.encode(query, readable(text))
        inputs = {
            "input_ids": np.array([pair.ids], dtype=np.int64),
            "token_type_ids": np.array([pair.type_ids], dtype=np.int64),
        }
        return float(self._session.run(["relevance"], inputs)[0][0, 0])
