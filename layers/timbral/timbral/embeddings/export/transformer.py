"""BERT and MPNet as ONNX graphs.

Both are the same encoder (Devlin et al. 2019; Song et al. 2020) under other names for the weights; they
differ in the embedding of a word piece and in MPNet's bias by relative position. There is no attention
mask: the encoder never pads, so that a vector depends on its own text alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from timbral.embeddings.export.graph import INPUT, RELEVANCE, SIDES, GraphWriter
from timbral.embeddings.export.relative_position import distance_buckets

if TYPE_CHECKING:
    import numpy.typing as npt

    from timbral.embeddings.export.source import Source


@dataclass(frozen=True)
class LayerNames:
    """What one architecture calls the weights of a layer.

    Attributes:
        attend: Query, key and value.
        blend: The product after attention.
        blend_norm: The norm after that.
    """

    attend: tuple[str, str, str]
    blend: str
    blend_norm: str


LAYER_NAMES = {
    "bert": LayerNames(
        attend=("attention.self.query", "attention.self.key", "attention.self.value"),
        blend="attention.output.dense",
        blend_norm="attention.output.LayerNorm",
    ),
    "mpnet": LayerNames(
        attend=("attention.attn.q", "attention.attn.k", "attention.attn.v"),
        blend="attention.attn.o",
        blend_norm="attention.LayerNorm",
    ),
}


def build_model(source: Source, name: str) -> Any:
    """Write a source as an ONNX model with pooling and L2 norm inside.

    Args:
        source: Configuration and weights.
        name: The graph's name.

    Returns:
        The ``onnx.ModelProto``: ``input_ids`` ``(batch, tokens)`` int64, all texts of one length, to
        ``embedding`` ``(batch, hidden_size)`` float32, normalised.

    Raises:
        InvalidInput: A weight is missing or of another shape.
    """
    writer = TransformerWriter(source)
    hidden = writer.layers(writer.embed())
    return writer.graph.finish(name, writer.pool(hidden), source.config.hidden_size)


def build_cross_model(source: Source, name: str) -> Any:
    """Write a BERT with one score on top as an ONNX model.

    Args:
        source: Configuration and weights, the pooler and the classifier of one score among them.
        name: The graph's name.

    Returns:
        The ``onnx.ModelProto``: ``input_ids`` and ``token_type_ids`` ``(batch, tokens)`` int64, all pairs of
        one length, to ``relevance`` ``(batch, 1)`` float32 in 0..1.

    Raises:
        InvalidInput: A weight is missing or of another shape.
    """
    writer = TransformerWriter(source)
    hidden = writer.layers(writer.embed(sides=SIDES))
    score = writer.score(hidden)
    return writer.graph.finish(name, score, 1, called=RELEVANCE, inputs=(INPUT, SIDES))


class TransformerWriter:
    """Writes the parts of one transformer.

    Args:
        source: Configuration and weights.
    """

    def __init__(self, source: Source) -> None:
        self.graph = GraphWriter()
        self._config = source.config
        self._weights = source.weights
        self._pooling = source.pooling
        self._names = LAYER_NAMES[source.config.model_type]
        graph = self.graph
        self._zero = graph.constant([0])
        self._length = graph.op("Shape", INPUT, start=1, end=2)

    def embed(self, sides: str | None = None) -> str:
        """Sum word piece, position and, for BERT, token type.

        Args:
            sides: Name of the word pieces' token types; the first type for all of them if None.
        """
        config, graph = self._config, self.graph
        words = self._weights.take("embeddings.word_embeddings.weight", config.vocab_size, config.hidden_size)
        table = self._positions()
        if config.model_type == "bert" and sides is None:
            table = table + self._types()[0]
        positions = graph.op("Slice", graph.constant(table), self._zero, self._length, self._zero)
        hidden = graph.op("Add", graph.op("Gather", graph.constant(words), INPUT), positions)
        if sides is not None:
            hidden = graph.op("Add", hidden, graph.op("Gather", graph.constant(self._types()), sides))
        return self._norm("embeddings.LayerNorm", hidden)

    def _positions(self) -> npt.NDArray[np.float32]:
        config = self._config
        name = "embeddings.position_embeddings.weight"
        table = self._weights.take(name, config.max_position_embeddings, config.hidden_size)
        return table[config.first_position :]

    def _types(self) -> npt.NDArray[np.float32]:
        config = self._config
        name = "embeddings.token_type_embeddings.weight"
        return self._weights.take(name, config.type_vocab_size, config.hidden_size)

    def layers(self, hidden: str) -> str:
        """Write all layers."""
        bias = self.position_bias() if self._config.model_type == "mpnet" else None
        for index in range(self._config.num_hidden_layers):
            hidden = self.layer(f"encoder.layer.{index}", hidden, bias)
        return hidden

    def score(self, hidden: str) -> str:
        """Write pooler and classifier over the first word piece, and bring the score to 0..1."""
        config, graph = self._config, self.graph
        size = config.hidden_size
        first = graph.op("Gather", hidden, graph.constant(0), axis=1)
        pooled = graph.op("Tanh", self._dense("pooler.dense", first, size, size))
        return graph.op("Sigmoid", self._dense("classifier", pooled, size, 1))

    def position_bias(self) -> str:
        """Write MPNet's bias, ``(heads, tokens, tokens)``: one weight per head and bucket of distance."""
        config, graph = self._config, self.graph
        reach = config.longest_text_tokens - 1
        buckets = distance_buckets(reach, config.relative_attention_num_buckets)
        table = self._weights.take(
            "encoder.relative_attention_bias.weight",
            config.relative_attention_num_buckets,
            config.num_attention_heads,
        )
        by_distance = graph.constant(table[buckets].T)
        places = graph.op("Range", graph.constant(0), graph.op("Squeeze", self._length), graph.constant(1))
        column = graph.op("Unsqueeze", places, graph.constant([1]))
        seen_from = graph.op("Sub", places, column)
        rows = graph.op("Add", seen_from, graph.constant(reach))
        return graph.op("Gather", by_distance, rows, axis=1)

    def layer(self, prefix: str, hidden: str, bias: str | None) -> str:
        """Write one layer: attention, norm, two dense products, norm."""
        config, graph, names = self._config, self.graph, self._names
        size, inner = config.hidden_size, config.intermediate_size
        attended = self._attention(prefix, hidden, bias)
        blended = self._dense(f"{prefix}.{names.blend}", attended, size, size)
        hidden = self._norm(f"{prefix}.{names.blend_norm}", graph.op("Add", blended, hidden))
        wide = graph.op("Gelu", self._dense(f"{prefix}.intermediate.dense", hidden, size, inner))
        narrow = self._dense(f"{prefix}.output.dense", wide, inner, size)
        return self._norm(f"{prefix}.output.LayerNorm", graph.op("Add", narrow, hidden))

    def _attention(self, prefix: str, hidden: str, bias: str | None) -> str:
        config, graph = self._config, self.graph
        size, heads = config.hidden_size, config.num_attention_heads
        split = graph.constant([0, 0, heads, size // heads])
        query, key, value = (
            graph.op("Reshape", self._dense(f"{prefix}.{name}", hidden, size, size), split)
            for name in self._names.attend
        )
        query, value = (graph.op("Transpose", part, perm=[0, 2, 1, 3]) for part in (query, value))
        scores = graph.op("MatMul", query, graph.op("Transpose", key, perm=[0, 2, 3, 1]))
        scale = np.float32(1 / math.sqrt(size // heads))
        scores = graph.op("Mul", scores, graph.constant(scale))
        if bias is not None:
            scores = graph.op("Add", scores, bias)
        mixed = graph.op("MatMul", graph.op("Softmax", scores, axis=-1), value)
        joined = graph.op("Transpose", mixed, perm=[0, 2, 1, 3])
        return graph.op("Reshape", joined, graph.constant([0, 0, size]))

    def pool(self, hidden: str) -> str:
        """Make one vector of a text's word pieces, and give it length 1."""
        graph = self.graph
        if self._pooling == "mean":
            pooled = graph.op("ReduceMean", hidden, graph.constant([1]), keepdims=0)
        else:
            pooled = graph.op("Gather", hidden, graph.constant(0), axis=1)
        return graph.op("LpNormalization", pooled, axis=-1, p=2)

    def _dense(self, name: str, value: str, inputs: int, outputs: int) -> str:
        graph = self.graph
        weight = self._weights.take(f"{name}.weight", outputs, inputs).T
        product = graph.op("MatMul", value, graph.constant(weight))
        return graph.op("Add", product, graph.constant(self._weights.take(f"{name}.bias", outputs)))

    def _norm(self, name: str, value: str) -> str:
        size = self._config.hidden_size
        weight = self.graph.constant(self._weights.take(f"{name}.weight", size))
        bias = self.graph.constant(self._weights.take(f"{name}.bias", size))
        eps = self._config.layer_norm_eps
        return self.graph.op("LayerNormalization", value, weight, bias, axis=-1, epsilon=eps)
