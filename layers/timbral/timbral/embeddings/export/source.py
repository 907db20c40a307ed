"""A sentence-transformers folder, read and checked: configuration, pooling, limits and weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from timbral.embeddings.artifact import TOKENIZER_FILE, describe_faults
from timbral.errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

WEIGHTS_FILE = "model.safetensors"
MPNET_PADDING_INDEX = 1

Pooling = Literal["mean", "cls"]
_LEGACY_POOLING = "pooling_mode_"
_LEGACY_NAMES = {"mean_tokens": "mean", "cls_token": "cls"}


class TransformerConfig(BaseModel):
    """The part of ``config.json`` that decides the graph, in Hugging Face's names.

    Attributes:
        model_type: The architecture.
        hidden_act: The activation; the exact (erf) form of Gelu alone.
        position_embedding_type: Learned absolute positions alone.
        relative_attention_num_buckets: MPNet's classes of distance between two word pieces.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    model_type: Literal["bert", "mpnet"]
    hidden_size: int = Field(ge=1)
    num_hidden_layers: int = Field(ge=1)
    num_attention_heads: int = Field(ge=1)
    intermediate_size: int = Field(ge=1)
    max_position_embeddings: int = Field(ge=8)
    vocab_size: int = Field(ge=1)
    layer_norm_eps: float = Field(gt=0)
    hidden_act: Literal["gelu"] = "gelu"
    position_embedding_type: Literal["absolute"] = "absolute"
    type_vocab_size: int = Field(default=2, ge=1)
    relative_attention_num_buckets: int = Field(default=32, ge=4, multiple_of=4)

    @property
    def first_position(self) -> int:
        """Row of the position table that the first word piece takes."""
        return MPNET_PADDING_INDEX + 1 if self.model_type == "mpnet" else 0

    @property
    def longest_text_tokens(self) -> int:
        """Word pieces that the position table has rows for."""
        return self.max_position_embeddings - self.first_position


class Weights:
    """Named tensors that must be there, in the shape that the configuration promises.

    Args:
        tensors: ``{name: array}`` as stored.
        model_type: The architecture; names may carry it as a prefix (``bert.embeddings…``).
    """

    def __init__(self, tensors: dict[str, npt.NDArray[Any]], model_type: str) -> None:
        prefix = f"{model_type}."
        self._tensors = {name.removeprefix(prefix): tensor for name, tensor in tensors.items()}

    def take(self, name: str, *shape: int) -> npt.NDArray[np.float32]:
        """Return one tensor as float32.

        Raises:
            InvalidInput: It is missing, has another shape, or holds a value that is not finite.
        """
        if name not in self._tensors:
            msg = f"{WEIGHTS_FILE} lacks the weight {name!r}"
            raise InvalidInput(msg)
        tensor = self._tensors[name]
        if tensor.shape != shape:
            msg = f"weight {name!r} has shape {tensor.shape}, config.json promises {shape}"
            raise InvalidInput(msg)
        if not np.isfinite(tensor).all():
            msg = f"weight {name!r} holds values that are not finite"
            raise InvalidInput(msg)
        return tensor.astype(np.float32)


@dataclass(frozen=True)
class Source:
    """All that an encoder is made from.

    Attributes:
        config: The transformer's configuration.
        weights: Its tensors.
        pooling: How word pieces become one vector.
        max_tokens: Word pieces read of one text, special ones included.
    """

    config: TransformerConfig
    weights: Weights
    pooling: Pooling
    max_tokens: int


def read_source(folder: Path) -> Source:
    """Read a sentence-transformers folder.

    Args:
        folder: Holds ``config.json``, ``model.safetensors`` and ``tokenizer.json``; ``modules.json``, the
            pooling configuration, ``sentence_bert_config.json`` and ``tokenizer_config.json`` are read where
            they are there. Without ``modules.json`` word pieces are averaged, as sentence-transformers does.

    Returns:
        The checked source.

    Raises:
        InvalidInput: A file is missing or unreadable, or asks for what can't be exported.
    """
    for name in ("config.json", WEIGHTS_FILE, TOKENIZER_FILE):
        if not (folder / name).is_file():
            msg = f"source {str(folder)!r} has no {name}"
            raise InvalidInput(msg)
    config = _read_config(folder)
    return Source(
        config=config,
        weights=Weights(_read_tensors(folder / WEIGHTS_FILE), config.model_type),
        pooling=_read_pooling(folder),
        max_tokens=_read_max_tokens(folder, config),
    )


def _read_config(folder: Path) -> TransformerConfig:
    try:
        config = TransformerConfig.model_validate(_read_json(folder / "config.json"))
    except ValidationError as error:
        msg = f"config.json can't be exported: {describe_faults(error)}"
        raise InvalidInput(msg) from error
    if config.hidden_size % config.num_attention_heads:
        msg = f"hidden_size {config.hidden_size} is no multiple of {config.num_attention_heads} heads"
        raise InvalidInput(msg)
    return config


def _read_tensors(path: Path) -> dict[str, npt.NDArray[Any]]:
    from safetensors import SafetensorError  # noqa: PLC0415  only an export needs it
    from safetensors.numpy import load_file  # noqa: PLC0415  only an export needs it

    try:
        tensors: dict[str, npt.NDArray[Any]] = load_file(path)
    except (SafetensorError, KeyError, TypeError) as error:
        msg = f"{path.name} can't be read as float weights: {error}"
        raise InvalidInput(msg) from error
    return tensors


def _read_pooling(folder: Path) -> Pooling:
    modules = _read_json(folder / "modules.json", default=None)
    if modules is None:
        return "mean"
    kinds = [str(module["type"]).rsplit(".", 1)[-1] for module in modules]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        msg = f"modules.json has {kinds}; what can be exported is Transformer, Pooling and Normalize"
        raise InvalidInput(msg)
    modes = _pooling_modes(_read_json(folder / modules[1]["path"] / "config.json"))
    if modes == ["mean"]:
        return "mean"
    if modes == ["cls"]:
        return "cls"
    msg = f"pooling mode {modes} can't be exported; allowed are mean and cls"
    raise InvalidInput(msg)


def _pooling_modes(config: dict[str, Any]) -> list[str]:
    if "pooling_mode" in config:
        mode = config["pooling_mode"]
        return [mode] if isinstance(mode, str) else list(mode)
    flags = [key.removeprefix(_LEGACY_POOLING) for key, on in config.items() if _is_mode(key) and on]
    return [_LEGACY_NAMES.get(flag, flag) for flag in flags]


def _is_mode(key: str) -> bool:
    return key.startswith(_LEGACY_POOLING)


def _read_max_tokens(folder: Path, config: TransformerConfig) -> int:
    wanted = _read_json(folder / "sentence_bert_config.json", default={}).get("max_seq_length")
    if wanted is None:
        wanted = _read_json(folder / "tokenizer_config.json", default={}).get("model_max_length")
    longest = config.longest_text_tokens
    return longest if wanted is None else min(int(wanted), longest)


def _read_json(path: Path, **default: Any) -> Any:
    if default and not path.is_file():
        return default["default"]
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{path.name} in {str(path.parent)!r} can't be read as JSON: {error}"
        raise InvalidInput(msg) from error
