"""Sentence-transformers folders of tiny models with random weights."""

import json

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordPiece

SIZE, HEADS, INNER, LAYERS, POSITIONS = 16, 4, 24, 2, 160
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = ("rain", "night", "slow", "guitar", "dream", "pop", "loud", "drum")
VOCABULARY = [*SPECIAL, *WORDS, *LETTERS, *(f"##{letter}" for letter in LETTERS)]

_LAYER = {
    "bert": ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"),
    "mpnet": ("attention.attn.q", "attention.attn.k", "attention.attn.v", "attention.attn.o"),
}
_BLEND_NORM = {"bert": "attention.output.LayerNorm", "mpnet": "attention.LayerNorm"}


def tiny_config(model_type):
    return {
        "model_type": model_type,
        "hidden_size": SIZE,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": INNER,
        "max_position_embeddings": POSITIONS,
        "vocab_size": len(VOCABULARY),
        "layer_norm_eps": 1e-5,
        "hidden_act": "gelu",
        "type_vocab_size": 2,
        "relative_attention_num_buckets": 32,
    }


def tiny_weights(model_type, seed=5):
    rng = np.random.default_rng(seed)
    return {name: _draw(rng, name, shape) for name, shape in _shapes(model_type).items()}


def write_source(folder, model_type, *, pooling="mean", max_tokens=64, weights=None):
    """Write a folder as sentence-transformers would."""
    (folder / "1_Pooling").mkdir(parents=True)
    write_json(folder / "config.json", tiny_config(model_type))
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": max_tokens})
    kinds = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
    modules = [{"path": path, "type": f"sentence_transformers.models.{kind}"} for path, kind in kinds.items()]
    write_json(folder / "modules.json", modules)
    write_json(folder / "1_Pooling" / "config.json", {"pooling_mode": pooling})
    save_file(weights or tiny_weights(model_type), folder / "model.safetensors")
    tiny_tokenizer().save(str(folder / "tokenizer.json"))
    return folder


def cross_weights(seed=5):
    """Weights of a tiny BERT that scores pairs, named as published ones are."""
    rng = np.random.default_rng(seed + 1)
    head = _dense("bert.pooler.dense", SIZE, SIZE) | _dense("classifier", SIZE, 1)
    named = {f"bert.{name}": tensor for name, tensor in tiny_weights("bert", seed).items()}
    return named | {name: _draw(rng, name, shape) for name, shape in head.items()}


def write_cross_source(folder, *, max_tokens=64, weights=None):
    """Write a folder as sentence-transformers' CrossEncoder would."""
    folder.mkdir(parents=True)
    write_json(folder / "config.json", tiny_config("bert") | {"id2label": {"0": "LABEL_0"}})
    write_json(folder / "tokenizer_config.json", {"model_max_length": max_tokens})
    save_file(weights or cross_weights(), folder / "model.safetensors")
    tiny_tokenizer().save(str(folder / "tokenizer.json"))
    return folder


def tiny_tokenizer():
    numbers = {piece: number for number, piece in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(WordPiece(numbers, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.enable_padding(length=128)  # as published folders do; the encoder must not pad
    tokenizer.enable_truncation(128)
    return tokenizer


def write_json(path, value):
    path.write_text(json.dumps(value), encoding="utf-8")


def _draw(rng, name, shape):
    centre = 1.0 if name.endswith("LayerNorm.weight") else 0.0
    return (centre + 0.4 * rng.standard_normal(shape)).astype(np.float32)


def _shapes(model_type):
    shapes = {
        "embeddings.word_embeddings.weight": (len(VOCABULARY), SIZE),
        "embeddings.position_embeddings.weight": (POSITIONS, SIZE),
        **_norm("embeddings.LayerNorm"),
    }
    if model_type == "bert":
        shapes["embeddings.token_type_embeddings.weight"] = (2, SIZE)
    else:
        shapes["encoder.relative_attention_bias.weight"] = (32, HEADS)
    for index in range(LAYERS):
        shapes |= _layer(f"encoder.layer.{index}", model_type)
    return shapes


def _layer(prefix, model_type):
    shapes = {}
    for name in _LAYER[model_type]:
        shapes |= _dense(f"{prefix}.{name}", SIZE, SIZE)
    shapes |= _dense(f"{prefix}.intermediate.dense", SIZE, INNER)
    shapes |= _dense(f"{prefix}.output.dense", INNER, SIZE)
    return shapes | _norm(f"{prefix}.{_BLEND_NORM[model_type]}") | _norm(f"{prefix}.output.LayerNorm")


def _dense(name, inputs, outputs):
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def _norm(name):
    return {f"{name}.weight": (SIZE,), f"{name}.bias": (SIZE,)}
