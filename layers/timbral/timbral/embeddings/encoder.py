"""Text to vectors: what an encoder promises, and the one that runs an artifact."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from timbral.embeddings.artifact import EncoderManifest, load_manifest
from timbral.embeddings.opening import open_session, open_tokenizer, readable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Floats: TypeAlias = npt.NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into vectors whose cosine is likeness of meaning."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def fingerprint(self) -> str:
        """Digest of all that decides a vector, 32 hex characters."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """Embed texts, each by itself.

        A row depends on its own text alone, bit for bit, whatever else is in the call and in which order:
        a run that was killed and taken up again must write the same bytes.

        Args:
            texts: Any texts; what is longer than the encoder reads is cut off.

        Returns:
            ``(len(texts), dimension)``. Rows have length 1, but a text with nothing to read (empty, blank,
            control characters) gives zeros: it is like nothing, and pooling leaves it out.
        """


class OnnxEncoder:
    """Runs an encoder artifact on onnxruntime.

    Texts run one at a time. A batch would need padding, which costs more than batching gains; even a batch
    of equal lengths changes the last bits for a tenth more texts a second, and int8 takes its scale from the
    whole batch. For the same reason threads take whole texts: a product is never divided among them. The
    bits are those of one kind of processor and one version of onnxruntime; others agree to about 1e-6.

    Args:
        folder: The artifact; its files are held against its manifest.
        threads: Texts at work at once, one core each.

    Raises:
        ContractBroken: The artifact is not what its manifest promises.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._manifest: EncoderManifest = load_manifest(folder)
        self._threads = threads
        self._tokenizer = open_tokenizer(folder, self._manifest.max_tokens)
        self._session = open_session(folder, f"encoder {self._manifest.name!r}", self._manifest.dimension)

    @property
    def name(self) -> str:
        """What people call it."""
        return self._manifest.name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._manifest.dimension

    @property
    def fingerprint(self) -> str:
        """Digest of all that decides a vector, 32 hex characters."""
        return self._manifest.fingerprint

    def encode(self, texts: Sequence[str]) -> Floats:
        """Embed texts, each by itself (see `Encoder.encode`)."""
        pieces = [self._pieces(text) for text in texts]
        rows = np.zeros((len(pieces), self.dimension), dtype=np.float32)
        full = [index for index, ids in enumerate(pieces) if len(ids)]
        vectors = self._map([pieces[index] for index in full])
        for index, vector in zip(full, vectors, strict=True):
            rows[index] = vector
        return rows

    def _pieces(self, text: str) -> npt.NDArray[np.int64]:
        encoding = self._tokenizer.encode(readable(text))
        if all(encoding.special_tokens_mask):
            return np.empty(0, dtype=np.int64)
        return np.array(encoding.ids, dtype=np.int64)

    def _map(self, pieces: Sequence[npt.NDArray[np.int64]]) -> list[Floats]:
        if self._threads == 1 or len(pieces) == 1:
            return [self._run(ids) for ids in pieces]
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(self._run, pieces))

    def _run(self, ids: npt.NDArray[np.int64]) -> Floats:
        outputs = self._session.run(["embedding"], {"input_ids": ids[np.newaxis]})
        vector: Floats = outputs[0][0]
        return vector
