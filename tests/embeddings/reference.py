"""BERT and MPNet in plain float64 numpy, one text and one head at a time, to hold the graph against."""

import math

import numpy as np

from tests.embeddings.tiny_models import HEADS, LAYERS, SIZE


def embed(ids, weights, model_type, pooling="mean"):
    """Return the normalised vector of one text's word pieces."""
    w = {name: tensor.astype(np.float64) for name, tensor in weights.items()}
    hidden = _embeddings(ids, w, model_type)
    for index in range(LAYERS):
        hidden = _layer(hidden, w, f"encoder.layer.{index}.", model_type)
    pooled = hidden.mean(axis=0) if pooling == "mean" else hidden[0]
    return pooled / math.sqrt((pooled**2).sum())


def relevance(ids, sides, weights):
    """Return the score of one pair's word pieces, 0..1, of a BERT for classification."""
    w = {name.removeprefix("bert."): tensor.astype(np.float64) for name, tensor in weights.items()}
    hidden = _embeddings(ids, w, "bert", sides)
    for index in range(LAYERS):
        hidden = _layer(hidden, w, f"encoder.layer.{index}.", "bert")
    pooled = np.tanh(_dense(hidden[:1], w, "pooler.dense"))
    return 1 / (1 + math.exp(-_dense(pooled, w, "classifier").item()))


def bucket(distance):
    """Return MPNet's bucket, from integers alone: the shared ones begin at 8, 8·√2, 16, 16·√2 …"""
    side = 16 if distance > 0 else 0
    far = abs(distance)
    return side + (far if far < 8 else 8 + sum(far * far >= 64 * 2**step for step in range(1, 8)))


def _embeddings(ids, w, model_type, sides=None):
    first = 2 if model_type == "mpnet" else 0
    rows = []
    for place, piece in enumerate(ids):
        row = (
            w["embeddings.word_embeddings.weight"][piece]
            + w["embeddings.position_embeddings.weight"][place + first]
        )
        if model_type == "bert":
            row = row + w["embeddings.token_type_embeddings.weight"][sides[place] if sides else 0]
        rows.append(row)
    return _norm(np.array(rows), w, "embeddings.LayerNorm")


def _layer(hidden, w, prefix, model_type):
    bert = model_type == "bert"
    names = ("self.query", "self.key", "self.value") if bert else ("attn.q", "attn.k", "attn.v")
    query, key, value = (_dense(hidden, w, f"{prefix}attention.{name}") for name in names)
    bias = _bias(len(hidden), w, model_type)
    width = SIZE // HEADS
    parts = []
    for head in range(HEADS):
        own = slice(head * width, (head + 1) * width)
        scores = query[:, own] @ key[:, own].T / math.sqrt(width) + bias[head]
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        parts.append(shares / shares.sum(axis=1, keepdims=True) @ value[:, own])
    blend, norm = ("output.dense", "output.LayerNorm") if bert else ("attn.o", "LayerNorm")
    blended = _dense(np.concatenate(parts, axis=1), w, f"{prefix}attention.{blend}")
    hidden = _norm(hidden + blended, w, f"{prefix}attention.{norm}")
    wide = _gelu(_dense(hidden, w, f"{prefix}intermediate.dense"))
    return _norm(hidden + _dense(wide, w, f"{prefix}output.dense"), w, f"{prefix}output.LayerNorm")


def _bias(length, w, model_type):
    if model_type == "bert":
        return np.zeros((HEADS, length, length))
    table = w["encoder.relative_attention_bias.weight"]
    rows = [[table[bucket(seen - from_)] for seen in range(length)] for from_ in range(length)]
    return np.moveaxis(np.array(rows), 2, 0)


def _dense(value, w, name):
    return value @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def _norm(value, w, name):
    centred = value - value.mean(axis=1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
    return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]


def _gelu(value):
    return value * 0.5 * (1 + np.vectorize(math.erf)(value / math.sqrt(2)))
